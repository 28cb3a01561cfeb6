// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Takes the device monitor's screenshots: light and dark, into the folder that is its argument.
//
// The device lives in virtual time, so that the pictures are the same every time, but for what the
// card "Event loop" has measured: that is real.

#include "devicemonitor.h"
#include "monitorwindow.h"

#include <Tactus/ManualClock>

#include <QtCore/qdir.h>
#include <QtCore/qthread.h>
#include <QtGui/qpixmap.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qstylefactory.h>
#include <QtWidgets/qtableview.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

namespace {

QPalette lightPalette()
{
    QPalette palette(QColor(0xef, 0xf1, 0xf3), QColor(0xf4, 0xf5, 0xf7));
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::Highlight, QColor(0x22, 0x7c, 0xc9));
    return palette;
}

QPalette darkPalette()
{
    QPalette palette(QColor(0x35, 0x3a, 0x42), QColor(0x1b, 0x1e, 0x23));
    const QColor text(0xe4, 0xe7, 0xea);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        palette.setColor(role, text);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        palette.setColor(QPalette::Disabled, role, QColor(0x7d, 0x83, 0x8c));
    palette.setColor(QPalette::Base, QColor(0x24, 0x28, 0x2e));
    palette.setColor(QPalette::Highlight, QColor(0x2f, 0x78, 0xb8));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    return palette;
}

// Lets virtual time pass, twice as fast as real time, which the event loop needs to be measured.
void pass(Tactus::ManualClock *clock, Tactus::Duration duration)
{
    constexpr auto step = 50ms;
    for (auto passed = 0ns; passed < duration; passed += step) {
        clock->advance(step);
        const auto end = std::chrono::steady_clock::now() + step / 2;
        while (std::chrono::steady_clock::now() < end) {
            QCoreApplication::processEvents();
            QThread::usleep(200);
        }
    }
}

bool save(QWidget *window, const QPalette &palette, const QString &path)
{
    QApplication::setPalette(palette);
    QCoreApplication::sendPostedEvents();
    const bool saved = window->grab().save(path);
    std::printf("%s%s\n", saved ? "" : "cannot write ", qPrintable(path));
    return saved;
}

} // namespace

int main(int argc, char *argv[])
{
    qputenv("QT_SCALE_FACTOR", "2"); // sharp also where pixels are small
    const QApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 2) {
        std::fprintf(stderr, "usage: device-monitor-shots FOLDER\n");
        return 2;
    }
    const QDir folder(arguments.at(1));
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(lightPalette());

    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);
    bool saved = false;
    {
        DeviceMonitor monitor(7);
        MonitorWindow window(&monitor);
        window.resize(1000, 700);
        window.show();
        monitor.start();
        pass(&clock, 4s);
        monitor.requests()->add(3);
        pass(&clock, 3s);
        monitor.requests()->add(8);
        pass(&clock, 6s);
        monitor.requests()->add(100'000);
        pass(&clock, 9s);
        while (!monitor.poll()->isBusy())
            pass(&clock, 50ms);
        pass(&clock, 400ms);
        while (!monitor.requests()->limiter()->isBusy())
            pass(&clock, 50ms);
        window.findChild<QTableView *>()->selectRow(9);
        saved = save(&window, lightPalette(), folder.filePath(QStringLiteral("device-monitor.png")))
                && save(&window, darkPalette(),
                        folder.filePath(QStringLiteral("device-monitor-dark.png")));
    }
    Tactus::Clock::setDefault(nullptr);
    return saved ? 0 : 1;
}
