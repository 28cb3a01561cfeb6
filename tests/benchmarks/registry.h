// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <map>
#include <utility>

namespace Benchmarks {

// What a measurement is told on the command line: name=value, whole numbers all of them. A name that
// is missing ends the program.
class Options
{
public:
    void parse(const QString &argument);
    qint64 number(const char *name) const;
    std::chrono::nanoseconds nanoseconds(const char *name) const;

    // Waits for the instant "start" (nanoseconds of std::chrono::steady_clock), if one was given:
    // processes that are measured at the same time start out of step.
    void waitForStart() const;

private:
    QHash<QByteArray, qint64> m_values;
};

using Measure = QJsonObject (*)(const Options &);

// One measurement a process: how a subject (the library, or a peer) does in a benchmark. Registered
// by a static object beside the function.
class Registration
{
public:
    Registration(const char *benchmark, const char *subject, Measure measure);

    using Key = std::pair<QByteArray, QByteArray>;
    static std::map<Key, Measure> &all();
};

// Prints the result and ends the process as it is: tearing down 100,000 QTimers takes longer than
// many a measurement.
[[noreturn]] void finish(const QJsonObject &result);

} // namespace Benchmarks
