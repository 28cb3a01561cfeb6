// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

pragma Singleton

import QtQuick

// Colours and sizes. Light or dark as the system's palette, unless the reader has chosen.
QtObject {
    enum Choice {
        System,
        Light,
        Dark
    }

    property int choice: Theme.System
    readonly property bool isDark: choice === Theme.System ? palette.window.hslLightness < 0.5
                                                           : choice === Theme.Dark
    readonly property SystemPalette palette: SystemPalette { }

    readonly property color window: isDark ? "#0e1116" : "#f4f5f7"
    readonly property color surface: isDark ? "#161a21" : "#ffffff"
    readonly property color raised: isDark ? "#232932" : "#f0f2f5"
    readonly property color pressed: isDark ? "#2e3641" : "#e2e6eb"
    readonly property color outline: isDark ? "#272e38" : "#e1e5ea"
    readonly property color grid: isDark ? "#232932" : "#eceff3"
    readonly property color band: isDark ? "#0cffffff" : "#0a0b1526"
    readonly property color text: isDark ? "#e8ebf0" : "#1a1f27"
    readonly property color muted: isDark ? "#97a1af" : "#5d6775"

    // Distinct also to most eyes that do not see all colours.
    readonly property color fixed: isDark ? "#6ea4ff" : "#2463eb"
    readonly property color delay: isDark ? "#3ccbb5" : "#0d9484"
    readonly property color cppTimer: isDark ? "#f2a549" : "#d9730d"
    readonly property color qmlTimer: isDark ? "#dd86cb" : "#b0459a"

    readonly property color accent: fixed
    readonly property color completed: isDark ? "#4fbf85" : "#2a9d62"
    readonly property color failed: isDark ? "#ff7b74" : "#d43c3c"

    readonly property int small: 12
    readonly property int normal: 13
    readonly property int large: 16
    readonly property int space: 8
    readonly property int radius: 10

    function outcome(name: string): color {
        const colors = { running: accent, completed: completed, failed: failed };
        return colors[name] ?? muted;
    }

    // For measured times: three digits, as far as they mean something.
    function duration(milliseconds: real): string {
        if (Math.abs(milliseconds) < 100)
            return milliseconds.toFixed(1) + " ms";
        if (Math.abs(milliseconds) < 1000)
            return milliseconds.toFixed(0) + " ms";
        return (milliseconds / 1000).toFixed(Math.abs(milliseconds) < 100000 ? 2 : 1) + " s";
    }
}
