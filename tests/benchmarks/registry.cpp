// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "registry.h"

#include <QtCore/qjsondocument.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace Benchmarks {

void Options::parse(const QString &argument)
{
    const qsizetype sign = argument.indexOf(u'=');
    bool isNumber = false;
    const qint64 value = QStringView(argument).mid(sign + 1).toLongLong(&isNumber);
    if (sign <= 0 || !isNumber)
        qFatal("not name=number: %s", qPrintable(argument));
    m_values.insert(argument.left(sign).toUtf8(), value);
}

qint64 Options::number(const char *name) const
{
    const auto it = m_values.constFind(name);
    if (it == m_values.constEnd())
        qFatal("missing: %s=number", name);
    return *it;
}

std::chrono::nanoseconds Options::nanoseconds(const char *name) const
{
    return std::chrono::nanoseconds(number(name));
}

void Options::waitForStart() const
{
    const auto it = m_values.constFind("start");
    if (it != m_values.constEnd()) {
        std::this_thread::sleep_until(
                std::chrono::steady_clock::time_point(std::chrono::nanoseconds(*it)));
    }
}

std::map<Registration::Key, Measure> &Registration::all()
{
    static std::map<Key, Measure> registrations;
    return registrations;
}

Registration::Registration(const char *benchmark, const char *subject, Measure measure)
{
    all().emplace(Key(benchmark, subject), measure);
}

void finish(const QJsonObject &result)
{
    const QByteArray line = QJsonDocument(result).toJson(QJsonDocument::Compact);
    std::printf("%s\n", line.constData());
    std::fflush(stdout);
    std::_Exit(EXIT_SUCCESS);
}

} // namespace Benchmarks
