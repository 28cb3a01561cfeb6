// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/ScheduledTimer>

#include <QtCore/QCoreApplication>
#include <QtCore/QUrl>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>

#include <memory>

#ifdef TACTUS_STATIC_PLUGIN
#  include <QtQml/qqmlextensionplugin.h>
Q_IMPORT_QML_PLUGIN(TactusPlugin)
#endif

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    if (argc < 3)
        return 2;
    QQmlEngine engine;
    engine.addImportPath(QString::fromLocal8Bit(argv[1]));
    QQmlComponent component(&engine, QUrl::fromLocalFile(QString::fromLocal8Bit(argv[2])));
    const std::unique_ptr<QObject> root(component.create());
    auto *timer = qobject_cast<Tactus::ScheduledTimer *>(root.get());
    if (!timer) {
        qWarning().noquote() << component.errorString();
        return 1;
    }
    QObject::connect(timer, &Tactus::ScheduledTimer::stopped, &application, &QCoreApplication::quit,
                     Qt::QueuedConnection);
    return QCoreApplication::exec();
}
