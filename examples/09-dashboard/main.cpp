// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The dashboard: four timers in one event loop, which something blocks now and then, and a rate
// limiter in front of a server that sometimes fails. All of it is QML; this only opens the window.

#include "dashboard.h"

#include <QtGui/qguiapplication.h>
#include <QtQml/qqmlapplicationengine.h>

#include <cstdio>
#include <cstdlib>

namespace {

// Qt ends a program that finds no display with an abort.
bool hasDisplay()
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_DARWIN)
    for (const char *variable : { "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM" }) {
        if (!qEnvironmentVariableIsEmpty(variable))
            return true;
    }
    return false;
#else
    return true;
#endif
}

} // namespace

int main(int argc, char *argv[])
{
    if (!hasDisplay()) {
        std::fputs("The dashboard needs a display: neither DISPLAY nor WAYLAND_DISPLAY is set.\n",
                   stderr);
        return EXIT_FAILURE;
    }

    const QGuiApplication app(argc, argv);
    QQmlApplicationEngine engine;
    return openDashboard(engine) ? QGuiApplication::exec() : EXIT_FAILURE;
}
