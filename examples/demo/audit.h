// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>

#include <QtCore/qlist.h>

// The fullest window: where it begins, and how many instants it holds.
struct FullestWindow
{
    Tactus::Clock::Instant begin;
    qsizetype count = 0;
};

// Slides a window of this length, its end excluded, over all instants. They need not be in order.
FullestWindow fullestWindow(QList<Tactus::Clock::Instant> instants, Tactus::Duration length);
