// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

class Terminal;

// Part 2: a callback blocks for several intervals. What was missed, and who says so.
void showOverrun(Terminal &terminal);
