// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic

// What a control does, for those who wait over it.
ToolTip {
    id: hint

    delay: 700
    padding: 8

    contentItem: Text {
        color: Theme.text
        font.pixelSize: Theme.small
        renderType: Text.NativeRendering
        text: hint.text
    }
    background: Rectangle {
        border.color: Theme.outline
        color: Theme.raised
        radius: 6
    }
}
