// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>

namespace Benchmarks {

// Gives futures, one at a time, that finish in the next turn of the event loop.
class LaterFuture : public QObject
{
public:
    QFuture<int> future(int value)
    {
        m_promise = QPromise<int>();
        m_promise.start();
        m_value = value;
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
        return m_promise.future();
    }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_promise.addResult(m_value);
        m_promise.finish();
        return true;
    }

private:
    QPromise<int> m_promise;
    int m_value = 0;
};

} // namespace Benchmarks
