// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/ScheduledTimer>

#include <QtCore/QCoreApplication>
#include <QtCore/QDebug>
#include <QtQml/QQmlApplicationEngine>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);

    QQmlApplicationEngine engine;
    engine.addImportPath(QStringLiteral(TACTUS_QML_IMPORT_PATH));
    engine.load(QUrl(QStringLiteral("qrc:/Consumer/Main.qml")));
    if (engine.rootObjects().isEmpty())
        return 1;
    auto *timer = qobject_cast<Tactus::ScheduledTimer *>(engine.rootObjects().constFirst());
    if (!timer)
        return 2;

    const int result = QCoreApplication::exec();
    qInfo() << "ticks:" << timer->tickCount() << "tasks:" << timer->property("tasks").toInt();
    return result;
}
