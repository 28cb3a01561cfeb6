// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

class Terminal;

// Part 3: fifteen tasks of several kinds through a limiter of five a second. Returns whether the
// program's own audit found that the limiter kept its promises.
bool showLimiting(Terminal &terminal);
