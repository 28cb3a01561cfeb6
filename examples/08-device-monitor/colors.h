// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtGui/qcolor.h>
#include <QtGui/qpalette.h>

// The few colours that a palette does not have, for light and for dark ones.
struct Colors
{
    explicit Colors(const QPalette &palette);

    QColor surface; // of cards
    QColor line;
    QColor muted; // second-rate text
    QColor heartbeat;
    QColor poll;
    QColor request;
    QColor failed;
    QColor idle; // waiting, canceled, missed
};
