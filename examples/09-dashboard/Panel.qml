// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// A card: what it is about on the left, a plot on the shared time axis, figures on the right.
Rectangle {
    id: panel

    required property string title
    required property string explanation
    property alias controls: controlColumn.data
    property alias figures: figureArea.data
    default property alias plot: plotArea.data

    readonly property int sideWidth: 236
    readonly property int figureWidth: 186
    // Left of the plot, for the names of its values.
    readonly property int gutter: 66
    readonly property alias plotArea: plotArea

    // Below that, texts and controls would overlap.
    implicitHeight: heading.y + heading.height + 10 + controlColumn.height + 16
    color: Theme.surface
    radius: Theme.radius
    border.color: Theme.outline

    Column {
        id: heading

        objectName: "heading"
        x: 20
        y: 16
        width: panel.sideWidth - 20
        spacing: 4

        Text {
            color: Theme.text
            font.pixelSize: Theme.large
            font.weight: Font.DemiBold
            renderType: Text.NativeRendering
            text: panel.title
        }
        Caption {
            width: parent.width
            text: panel.explanation
        }
    }

    Column {
        id: controlColumn

        objectName: "controls"
        anchors.left: heading.left
        anchors.right: heading.right
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 16
        spacing: 10
    }

    Item {
        id: plotArea

        anchors.fill: parent
        anchors.leftMargin: panel.sideWidth + panel.gutter
        anchors.rightMargin: panel.figureWidth + 16
        anchors.topMargin: 1
        anchors.bottomMargin: 1
    }

    // Now.
    Rectangle {
        anchors.left: plotArea.right
        anchors.top: plotArea.top
        anchors.bottom: plotArea.bottom
        width: 1
        color: Theme.outline
    }

    Item {
        id: figureArea

        anchors.left: plotArea.right
        anchors.leftMargin: 14
        anchors.right: parent.right
        anchors.rightMargin: 16
        anchors.top: plotArea.top
        anchors.bottom: plotArea.bottom
    }
}
