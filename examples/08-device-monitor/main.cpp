// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A window that watches a (simulated) device: a heartbeat on the second, polls that take their time,
// and requests that are sent one at a time and no more than a few per second.
//
// Queue 100,000 requests: the window goes on as before. The card "Event loop" measures it.

#include "devicemonitor.h"
#include "monitorwindow.h"

#include <QtCore/qrandom.h>
#include <QtWidgets/qapplication.h>

int main(int argc, char *argv[])
{
    const QApplication app(argc, argv);

    DeviceMonitor monitor(QRandomGenerator::global()->generate());
    MonitorWindow window(&monitor);
    window.resize(1000, 700);
    window.show();
    monitor.start();

    return QApplication::exec();
}
