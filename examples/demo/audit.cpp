// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "audit.h"

#include <algorithm>

FullestWindow fullestWindow(QList<Tactus::Clock::Instant> instants, Tactus::Duration length)
{
    std::sort(instants.begin(), instants.end());

    // No window holds more than one of those that begin at an instant.
    FullestWindow fullest;
    for (auto first = instants.cbegin(); first != instants.cend(); ++first) {
        const auto end = std::lower_bound(first, instants.cend(), *first + length);
        if (end - first > fullest.count)
            fullest = { *first, end - first };
    }
    return fullest;
}
