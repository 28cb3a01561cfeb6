// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "milliseconds_p.h"

#include <QtQml/qqmlinfo.h>

#include <cmath>

namespace Tactus {

double toMilliseconds(Duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::optional<Duration> fromMilliseconds(double milliseconds)
{
    constexpr double nanosecondsPerMillisecond = 1e6;
    constexpr double limit = 9223372036854775808.0; // 2^63
    const double nanoseconds = std::round(milliseconds * nanosecondsPerMillisecond);
    if (!(std::abs(nanoseconds) < limit))
        return std::nullopt;
    return Duration(static_cast<Duration::rep>(nanoseconds));
}

std::optional<Duration> durationFor(const QObject *object, const char *property,
                                    double milliseconds, Sign sign)
{
    const std::optional<Duration> duration = fromMilliseconds(milliseconds);
    const char *wanted = "a number of milliseconds";
    bool isGood = duration.has_value();
    if (sign == Sign::NotNegative) {
        wanted = "a number of milliseconds that is not negative";
        isGood = isGood && *duration >= Duration::zero();
    } else if (sign == Sign::Positive) {
        wanted = "a positive number of milliseconds";
        isGood = isGood && *duration > Duration::zero();
    }
    if (isGood)
        return duration;
    warnOfValue(object, property, wanted, QString::number(milliseconds));
    return std::nullopt;
}

bool acceptsNumber(const QObject *object, const char *property, qint64 value, qint64 minimum)
{
    if (value >= minimum)
        return true;
    warnOfValue(object, property,
                minimum > 0 ? "a positive number" : "a number that is not negative",
                QString::number(value));
    return false;
}

bool acceptsKey(const QObject *object, const char *property, const QMetaEnum &metaEnum, int value)
{
    // valueToKey() takes another type of number from Qt 6.9 on.
    for (int i = 0; i < metaEnum.keyCount(); ++i) {
        if (metaEnum.value(i) == value)
            return true;
    }
    const QByteArray wanted = QByteArray("a value of ") + metaEnum.enumName();
    warnOfValue(object, property, wanted.constData(), QString::number(value));
    return false;
}

void warnOfValue(const QObject *object, const char *property, const char *wanted, const QString &got)
{
    qmlWarning(object).noquote().nospace()
            << property << " wants " << wanted << ", got " << got << " - ignored";
}

} // namespace Tactus
