// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic

Button {
    id: button

    property string hint

    implicitHeight: 32
    padding: 6
    font.pixelSize: Theme.normal
    hoverEnabled: true

    contentItem: Text {
        color: Theme.text
        font: button.font
        horizontalAlignment: Text.AlignHCenter
        opacity: button.enabled ? 1 : 0.45
        renderType: Text.NativeRendering
        text: button.text
        verticalAlignment: Text.AlignVCenter
    }
    background: Rectangle {
        border.color: button.visualFocus ? Theme.accent : Theme.outline
        border.width: button.visualFocus ? 2 : 1
        color: button.down ? Theme.pressed : button.hovered && button.enabled ? Theme.raised
                                                                              : Theme.surface
        radius: 6
    }

    Accessible.name: text
    Accessible.description: hint

    Hint {
        text: button.hint
        visible: button.hovered && text !== ""
    }
}
