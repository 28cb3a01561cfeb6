// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A sensor delivers 500 readings a second, and each has to get into an SQLite database. A transaction
// for each would keep the disk busy with nothing else. So a limiter permits one transaction in 100 ms,
// which takes along what has come until then, and a Delay timer deletes what is old (recorder.cpp).
//
// With the name of a file it goes on until it is killed. Do that whenever you like, kill -9 included,
// and start it again: what it has acknowledged, by a line "batch ...", is there (readingstore.cpp).
// Without a name the file is a temporary one, and it ends after a second.

#include "../clockoption.h"
#include "recorder.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qtemporarydir.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

void say(const QString &line)
{
    std::printf("%s\n", qUtf8Printable(line));
    std::fflush(stdout); // who reads this relies on it
}

int run(const QString &path, qint64 readings)
{
    ReadingStore store(path);
    Recorder recorder(&store, Tactus::RateLimit(1, 100ms));
    QObject::connect(&recorder, &Recorder::written, [](qint64 batch, qsizetype size) {
        say(u"batch %1: %2 readings"_s.arg(batch).arg(size));
    });
    QObject::connect(&recorder, &Recorder::maintained, [] { say(u"maintenance"_s); });
    QObject::connect(&recorder, &Recorder::failed,
                     [](const QString &message) { say(u"failed: "_s + message); });
    recorder.start();

    Tactus::ScheduledTimer sensor(2ms);
    sensor.setMaximumTicks(readings);
    sensor.setCallback([&recorder](const Tactus::Tick &tick) {
        const double phase = static_cast<double>(tick.index()) / 100;
        recorder.add({ QDateTime::currentMSecsSinceEpoch(), 20 + std::sin(phase) });
    });
    QObject::connect(&sensor, &Tactus::ScheduledTimer::stopped, &recorder, [&recorder] {
        recorder.close().then(&recorder, [&recorder] {
            say(u"%1 readings are not written"_s.arg(recorder.unwritten()));
            QCoreApplication::exit(recorder.unwritten() == 0 ? 0 : 1);
        });
    });
    sensor.start();
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const ClockOption clockOption;
    const QString path = QCoreApplication::arguments().value(1);
    try {
        if (!path.isEmpty() && !path.startsWith(u"--"_s))
            return run(path, 0);
        const QTemporaryDir folder;
        return run(folder.filePath(u"readings.sqlite"_s), 500);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
