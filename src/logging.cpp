// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "logging_p.h"

#include <QtCore/qobject.h>
#include <QtCore/qthread.h>

namespace Tactus {

Q_LOGGING_CATEGORY(lcClock, "tactus.clock", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTimer, "tactus.timer", QtInfoMsg)
Q_LOGGING_CATEGORY(lcLimiter, "tactus.limiter", QtInfoMsg)

QDebug operator<<(QDebug debug, Shown shown)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << qlonglong{ shown.duration.count() } << " ns";
    return debug;
}

bool calledInOwnThread(const QObject *object, const QLoggingCategory &category, const char *function)
{
    if (Q_LIKELY(object->thread() == QThread::currentThread()))
        return true;
    qCWarning(category) << function << "was called from" << QThread::currentThread()
                        << "but the object lives in" << object->thread() << "- ignored";
    return false;
}

} // namespace Tactus
