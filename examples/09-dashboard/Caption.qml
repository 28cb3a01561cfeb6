// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

import QtQuick

// Text of the size and colour of an explanation.
Text {
    color: Theme.muted
    font.pixelSize: Theme.small
    lineHeight: 1.15
    renderType: Text.NativeRendering
    wrapMode: Text.WordWrap
}
