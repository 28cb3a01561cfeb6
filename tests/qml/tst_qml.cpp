// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <QtQml/qqmlengine.h>
#include <QtQuickTest/quicktest.h>

// Runs the suites tst_*.qml.
class Setup : public QObject
{
    Q_OBJECT

public Q_SLOTS:
    void qmlEngineAvailable(QQmlEngine *engine)
    {
        engine->addImportPath(QStringLiteral(TACTUS_IMPORT_DIR));
    }
};

QUICK_TEST_MAIN_WITH_SETUP(tactus, Setup)

#include "tst_qml.moc"
