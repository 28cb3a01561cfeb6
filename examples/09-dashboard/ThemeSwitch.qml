// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic

// System, light or dark.
Rectangle {
    id: themeSwitch

    implicitWidth: row.width + 4
    implicitHeight: 32
    border.color: Theme.outline
    color: Theme.raised
    radius: 8

    Row {
        id: row

        anchors.centerIn: parent

        Repeater {
            model: [
                { name: "System", choice: Theme.System },
                { name: "Light", choice: Theme.Light },
                { name: "Dark", choice: Theme.Dark }
            ]

            delegate: AbstractButton {
                id: option

                required property var modelData

                objectName: "theme" + modelData.name
                checked: Theme.choice === modelData.choice
                width: 70
                height: 28
                text: modelData.name
                onClicked: Theme.choice = modelData.choice
                Accessible.role: Accessible.RadioButton
                Accessible.name: text
                Accessible.checkable: true
                Accessible.checked: checked

                contentItem: Text {
                    color: option.checked ? Theme.text : Theme.muted
                    font.pixelSize: Theme.small
                    font.weight: option.checked ? Font.DemiBold : Font.Normal
                    horizontalAlignment: Text.AlignHCenter
                    renderType: Text.NativeRendering
                    text: option.text
                    verticalAlignment: Text.AlignVCenter
                }
                background: Rectangle {
                    border.color: option.visualFocus ? Theme.accent : Theme.outline
                    border.width: option.visualFocus ? 2 : 1
                    color: Theme.surface
                    radius: 6
                    visible: option.checked || option.visualFocus
                }
            }
        }
    }
}
