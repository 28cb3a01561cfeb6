// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "colors.h"

namespace {

QColor mixed(const QColor &back, const QColor &front, float part)
{
    const auto mix = [part](float from, float to) { return from + (to - from) * part; };
    return QColor::fromRgbF(mix(back.redF(), front.redF()), mix(back.greenF(), front.greenF()),
                            mix(back.blueF(), front.blueF()));
}

} // namespace

Colors::Colors(const QPalette &palette)
{
    const QColor base = palette.color(QPalette::Active, QPalette::Base);
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    const bool isDark = base.lightness() < text.lightness();

    surface = base;
    line = mixed(base, text, isDark ? 0.14F : 0.11F);
    muted = mixed(base, text, 0.66F);
    idle = mixed(base, text, 0.34F);
    heartbeat = isDark ? QColor(0xa9, 0x9b, 0xf5) : QColor(0x6f, 0x5c, 0xd6);
    poll = isDark ? QColor(0x5f, 0xae, 0xf0) : QColor(0x22, 0x7c, 0xc9);
    request = isDark ? QColor(0x4f, 0xc4, 0x9a) : QColor(0x14, 0x94, 0x6c);
    failed = isDark ? QColor(0xf0, 0x8a, 0x5d) : QColor(0xd4, 0x55, 0x1e);
}
