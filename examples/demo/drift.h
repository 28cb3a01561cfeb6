// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

class Terminal;

// Part 1: four timers with the same interval and the same callback, and how far each of them is
// from where its schedule should be.
void showDrift(Terminal &terminal);
