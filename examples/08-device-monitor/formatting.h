// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>

#include <QtCore/qstring.h>

// How numbers and durations are shown, everywhere in the window.

QString formatNumber(qint64 number); // 99,987
QString formatDuration(Tactus::Duration duration); // 740 ms, 12.4 s, 3 min 05 s, 5 h 33 min
QString formatMilliseconds(Tactus::Duration duration); // 1.3 ms
