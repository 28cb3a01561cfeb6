// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "execution_p.h"

#include "instantmath_p.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qexception.h>
#include <QtCore/qfutureinterface.h>

#include <utility>

using namespace std::chrono_literals;

namespace Tactus {

Outcome Outcome::of(QFuture<void> future)
{
    try {
        future.waitForFinished(); // it is: this only throws what it holds
    } catch (...) {
        return failed(std::current_exception());
    }
    return future.isCanceled() ? canceled() : completed();
}

QString messageOf(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const QUnhandledException &wrapper) {
        if (wrapper.exception() && wrapper.exception() != error)
            return messageOf(wrapper.exception());
        return QString::fromUtf8(wrapper.what());
    } catch (const std::exception &exception) {
        return QString::fromUtf8(exception.what());
    } catch (const QString &text) {
        return text;
    } catch (const char *text) {
        return QString::fromUtf8(text);
    } catch (...) {
        return QStringLiteral("unknown exception");
    }
}

ReturnInTransit::ReturnInTransit(std::optional<QFuture<void>> future, Outcome outcome)
    : m_future(std::move(future))
    , m_outcome(std::move(outcome))
{
}

ReturnInTransit::~ReturnInTransit()
{
    if (m_future)
        m_future->cancel();
}

// Events of Qt's come as soon as something becomes of the future; their own signals nobody needs.
class Execution::Watcher final : public QFutureWatcher<void>
{
public:
    Watcher(Execution *execution, QObject *parent)
        : QFutureWatcher<void>(parent)
        , m_execution(execution)
    {
    }

    void lookLater() { QCoreApplication::postEvent(this, new QEvent(QEvent::User)); }
    void watch(const QFuture<void> &future) { setFuture(future); }
    void ignore() { setFuture(m_nothing); }

    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::FutureCallOut && event->type() != QEvent::User)
            return QFutureWatcher<void>::event(event);
        if (m_execution)
            m_execution->look();
        return true;
    }

    void forget() { m_execution = nullptr; }

private:
    Execution *m_execution;
    // Never started: a finished future would post its whole life.
    QFuture<void> m_nothing = QFutureInterface<void>().future();
};

Execution::Execution(Owner *owner, QObject *object)
    : m_owner(owner)
    , m_object(object)
    , m_timeout(
              this, [](void *self) { static_cast<Execution *>(self)->timeoutExpired(); },
              [](void *) {})
{
}

Execution::~Execution()
{
    if (m_watcher) // an event of its own may still be on its way
        m_watcher->forget();
}

void Execution::begin(Clock::Instant now)
{
    Q_ASSERT(!isActive());
    m_state = State::Calling;
    m_cancelRequested = false;
    m_timedOut = false;
    m_startedAt = now;
}

bool Execution::wait(const QFuture<void> &future)
{
    Q_ASSERT(m_state == State::Calling);
    if (m_cancelRequested)
        QFuture<void>(future).cancel();
    if (future.isFinished())
        return false;
    m_state = State::Waiting;
    m_future = future;
    if (!m_watcher)
        m_watcher = new Watcher(this, m_object);
    m_watcher->lookLater();
    return true;
}

void Execution::look()
{
    if (m_state != State::Waiting)
        return;
    if (m_future->isFinished()) {
        m_owner->executionFinished(Outcome::of(*m_future));
    } else if (!m_watches) {
        m_watches = true;
        m_watcher->watch(*m_future);
        m_owner->executionWaits();
    }
}

void Execution::requestCancel()
{
    m_cancelRequested = true;
    if (m_state == State::Waiting)
        m_future->cancel();
}

void Execution::armTimeout(Clock *clock, Duration timeout, Duration tolerance)
{
    // Exactly at the limit is in time.
    if (timeout > Duration::zero() && isActive() && !m_timedOut)
        m_timeout.arm(clock, saturatedAdd(saturatedAdd(m_startedAt, timeout), 1ns), tolerance,
                      clock->now());
    else
        m_timeout.cancel();
}

void Execution::timeoutExpired()
{
    m_timedOut = true;
    requestCancel();
    m_owner->executionTimedOut();
}

void Execution::end()
{
    m_state = State::Idle;
    m_timeout.cancel();
    m_future.reset();
    if (std::exchange(m_watches, false))
        m_watcher->ignore();
}

} // namespace Tactus
