// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic

// A slider below its name and its value.
Column {
    id: labeled

    required property string name
    required property string shownValue
    property alias slider: slider

    spacing: 2

    Item {
        width: parent.width
        height: nameText.height

        Caption {
            id: nameText

            text: labeled.name
        }
        Text {
            anchors.right: parent.right
            color: Theme.text
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            renderType: Text.NativeRendering
            text: labeled.shownValue
        }
    }

    Slider {
        id: slider

        width: parent.width
        height: 24
        padding: 0
        snapMode: Slider.SnapAlways
        Accessible.name: labeled.name

        background: Rectangle {
            y: (slider.height - height) / 2
            width: slider.availableWidth
            height: 4
            radius: 2
            color: Theme.pressed

            Rectangle {
                width: slider.visualPosition * parent.width
                height: parent.height
                radius: 2
                color: Theme.accent
            }
        }
        handle: Rectangle {
            x: slider.visualPosition * (slider.availableWidth - width)
            y: (slider.height - height) / 2
            width: 16
            height: 16
            radius: 8
            border.color: Theme.accent
            border.width: slider.pressed ? 3 : 2
            color: Theme.surface

            Rectangle {
                anchors.centerIn: parent
                width: 24
                height: 24
                radius: 12
                border.color: Qt.alpha(Theme.accent, 0.5)
                border.width: 2
                color: "transparent"
                visible: slider.visualFocus
            }
        }
    }
}
