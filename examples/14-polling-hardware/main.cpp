// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Polling a device that is slow, sometimes silent, and sometimes not there. A Delay timer asks it, and
// waits for the answer as long as its callbackTimeout permits (poller.cpp). However a poll ends, the
// next one begins a pause later: two questions never overlap, and a device that is gone is looked for
// again without further ado.
//
// The device is a pseudo-terminal (simulateddevice.cpp). A real one would be a QSerialPort, or any other
// QIODevice. This one answers questions 1 and 2, ignores the third, and answers the fourth when it is too
// late and somebody waits for the answer to the fifth. When it is asked the sixth, it hangs up.

#include "poller.h"
#include "serialline.h"
#include "simulateddevice.h"

#include <QtCore/qcoreapplication.h>

#include <chrono>
#include <cstdio>
#include <memory>

using namespace std::chrono_literals;

namespace {

Tactus::Duration answerTime(int question)
{
    switch (question) {
    case 3:
        return SimulatedDevice::silence;
    case 4:
        return Poller::patience + Poller::pause + 50ms;
    case 5:
        return 150ms;
    case 6:
        return SimulatedDevice::hangUp;
    default:
        return 20ms;
    }
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    SimulatedDevice device(answerTime);
    if (!device.plugIn()) {
        std::printf("There are no pseudo-terminals here\n");
        return 1;
    }

    Poller poller([&device]() -> std::unique_ptr<QIODevice> {
        if (device.path().isEmpty())
            return nullptr;
        return std::make_unique<SerialLine>(device.path());
    });
    int failures = 0;
    QObject::connect(&poller, &Poller::connected, &app, [] { std::printf("connected\n"); });
    QObject::connect(&poller, &Poller::silent, &app,
                     [](int question) { std::printf("%d: no answer\n", question); });
    QObject::connect(&poller, &Poller::failed, &app, [&](const QString &why) {
        std::printf("%s\n", qUtf8Printable(why));
        if (++failures == 3) // somebody puts the plug back in
            device.plugIn();
    });
    QObject::connect(&poller, &Poller::answered, &app, [&](int question, const QByteArray &answer) {
        std::printf("%d: %s degrees\n", question, answer.constData());
        if (question >= 8)
            poller.stop().then(&app, [] { QCoreApplication::quit(); });
    });
    poller.start();
    return QCoreApplication::exec();
}
