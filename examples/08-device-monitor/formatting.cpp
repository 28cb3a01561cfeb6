// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "formatting.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qlocale.h>

#include <chrono>

using namespace std::chrono_literals;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Formatting", text);
}

} // namespace

QString formatNumber(qint64 number)
{
    return QLocale(QLocale::English).toString(number);
}

QString formatDuration(Tactus::Duration duration)
{
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(duration);
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(duration);
    if (duration < 1s)
        return tr("%1 ms").arg(milliseconds.count());
    if (duration < 1min)
        return tr("%1 s").arg(static_cast<double>(milliseconds.count()) / 1000, 0, 'f', 1);
    if (duration < 1h) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration - minutes);
        return tr("%1 min %2 s").arg(minutes.count()).arg(seconds.count(), 2, 10, QChar(u'0'));
    }
    return tr("%1 h %2 min")
            .arg(formatNumber(hours.count()))
            .arg((minutes - hours).count(), 2, 10, QChar(u'0'));
}

QString formatMilliseconds(Tactus::Duration duration)
{
    const std::chrono::duration<double, std::milli> milliseconds = duration;
    return tr("%1 ms").arg(milliseconds.count(), 0, 'f', duration < 100ms ? 1 : 0);
}
