// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "dashboard.h"

#include <QtQml/qqmlapplicationengine.h>

using namespace Qt::StringLiterals;

// Generated. Mentioned here, it stays in the program when a linker takes what is needed from a
// static library.
extern void qml_register_types_Dashboard();

bool openDashboard(QQmlApplicationEngine &engine)
{
    [[maybe_unused]] const volatile auto registration = &qml_register_types_Dashboard;

    engine.addImportPath(u"qrc:/qt/qml"_s); // the default only from Qt 6.5 on
    engine.addImportPath(QStringLiteral(TACTUS_IMPORT_DIR));
    engine.load(QUrl(u"qrc:/qt/qml/Dashboard/Main.qml"_s));
    return !engine.rootObjects().isEmpty();
}
