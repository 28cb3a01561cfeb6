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
    if (!future.isCanceled())
        return completed(); // one that holds an exception is canceled, too
    if (!future.isFinished())
        return canceled();
    try {
        future.waitForFinished(); // it is: this only throws what it holds
    } catch (...) {
        return failed(std::current_exception());
    }
    return canceled();
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

// Events of Qt's come as soon as something becomes of the future. Of the signals that they lead to, only
// one is needed: for a future that is finished no longer when it is looked at.
class Execution::Watcher final : public QFutureWatcher<void>
{
public:
    Watcher(Execution *execution, QObject *parent)
        : QFutureWatcher<void>(parent)
        , m_execution(execution)
    {
        connect(this, &QFutureWatcherBase::finished, this, [this] { m_hasFinished = true; });
    }

    bool hasFinished() const { return m_hasFinished; }

    void lookLater() { QCoreApplication::postEvent(this, new QEvent(QEvent::User)); }
    void watch(const QFuture<void> &future) { setFuture(future); }
    void ignore()
    {
        setFuture(m_nothing);
        m_hasFinished = false;
    }

    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::FutureCallOut && event->type() != QEvent::User)
            return QFutureWatcher<void>::event(event);
        if (event->type() == QEvent::FutureCallOut)
            QFutureWatcher<void>::event(event);
        if (m_execution)
            m_execution->look();
        return true;
    }

    void forget() { m_execution = nullptr; }

private:
    Execution *m_execution;
    bool m_hasFinished = false;
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
    m_wasStarted = false;
    m_startedAt = now;
}

bool Execution::wait(const QFuture<void> &future)
{
    Q_ASSERT(m_state == State::Calling);
    m_future = future;
    if (m_cancelRequested)
        cancel(future);
    if (hasEnded(future))
        return false;
    m_state = State::Waiting;
    if (!m_watcher)
        m_watcher = new Watcher(this, m_object);
    if (!m_wasStarted)
        m_watcher->watch(future);
    m_watcher->lookLater();
    return true;
}

void Execution::look()
{
    if (m_state != State::Waiting)
        return;
    if (hasEnded(*m_future)) {
        m_owner->executionFinished(Outcome::of(*m_future));
    } else if (!m_watches) {
        m_watches = true;
        m_watcher->watch(*m_future);
        if (hasEnded(*m_future))
            m_watcher->lookLater(); // one that was reset in between tells its watcher nothing
        m_owner->executionWaits();
    }
}

// Before Qt 6.5.2, a continuation that takes the result resets the future: it says no longer that it is
// finished, and neither that it was started.
bool Execution::hasEnded(const QFuture<void> &future)
{
    if (future.isFinished())
        return true;
    if (future.isStarted()) {
        m_wasStarted = true;
        return false;
    }
    return m_wasStarted || (m_watcher && m_watcher->hasFinished());
}

// Not one that was reset: it would look like one that has not begun.
void Execution::cancel(QFuture<void> future)
{
    if (future.isFinished() || !hasEnded(future))
        future.cancel();
}

void Execution::requestCancel()
{
    m_cancelRequested = true;
    if (m_future)
        cancel(*m_future);
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
    m_watches = false;
    if (m_watcher)
        m_watcher->ignore();
}

} // namespace Tactus
