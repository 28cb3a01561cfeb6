// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qdebug.h>
#include <QtCore/qloggingcategory.h>

QT_FORWARD_DECLARE_CLASS(QObject)

namespace Tactus {

Q_DECLARE_LOGGING_CATEGORY(lcClock)
Q_DECLARE_LOGGING_CATEGORY(lcTimer)
Q_DECLARE_LOGGING_CATEGORY(lcLimiter)

// A duration as a log line shows it, exactly: "1500 ns".
struct Shown
{
    Duration duration;
};
QDebug operator<<(QDebug debug, Shown shown);

// Whether the calling thread is the object's own; if not, a warning that names the function.
bool calledInOwnThread(const QObject *object, const QLoggingCategory &category,
                       const char *function);

} // namespace Tactus
