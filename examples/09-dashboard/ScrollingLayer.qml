// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// Holds items at Timeline.toX(time), and moves them to the left as time goes by. Only this item
// moves; what it holds stays where it is.
Item {

    x: Timeline.width - Timeline.toX(Timeline.now)
    height: parent?.height ?? 0
}
