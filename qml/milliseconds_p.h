// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qstring.h>

#include <optional>
#include <utility>

QT_FORWARD_DECLARE_CLASS(QObject)

namespace Tactus {

// QML's real milliseconds and the library's nanoseconds; and what happens to values from QML that
// are no good: a warning that names the property, the value and the place in the QML file, and
// nothing else. The core is never given such a value.

double toMilliseconds(Duration duration);

// Nothing for what is no duration: NaN, infinite, or beyond 64-bit nanoseconds (292 years).
std::optional<Duration> fromMilliseconds(double milliseconds);

enum class Sign { Any, NotNegative, Positive };

// As above; a value that is refused, for its sign too, has been warned of.
std::optional<Duration> durationFor(const QObject *object, const char *property,
                                    double milliseconds, Sign sign);

// Whether a count is at least minimum; if not, it has been warned of.
bool acceptsNumber(const QObject *object, const char *property, qint64 value, qint64 minimum);

bool acceptsKey(const QObject *object, const char *property, const QMetaEnum &metaEnum, int value);
template <typename Enum>
bool acceptsEnumerator(const QObject *object, const char *property, Enum value)
{
    return acceptsKey(object, property, QMetaEnum::fromType<Enum>(), static_cast<int>(value));
}

void warnOfValue(const QObject *object, const char *property, const char *wanted,
                 const QString &got);

} // namespace Tactus
