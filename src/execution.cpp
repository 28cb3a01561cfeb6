// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "execution_p.h"

#include "instantmath_p.h"

#include <QtCore/qexception.h>

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

Execution::Execution(Owner *owner, QObject *object)
    : m_owner(owner)
    , m_object(object)
    , m_timeout(
              this, [](void *self) { static_cast<Execution *>(self)->timeoutExpired(); },
              [](void *) {})
{
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
    if (!m_watcher) {
        m_watcher = new QFutureWatcher<void>(m_object);
        QObject::connect(m_watcher, &QFutureWatcherBase::finished, m_watcher,
                         [this] { futureFinished(); });
    }
    m_watcher->setFuture(future);
    return true;
}

void Execution::futureFinished()
{
    if (m_state == State::Waiting && m_watcher->future().isFinished())
        m_owner->executionFinished(Outcome::of(m_watcher->future()));
}

void Execution::requestCancel()
{
    m_cancelRequested = true;
    if (m_state == State::Waiting)
        m_watcher->cancel();
}

bool Execution::exceeds(Duration timeout, Clock::Instant now)
{
    if (timeout == Duration::zero() || m_timedOut
        || saturatedDifference(now, m_startedAt) <= timeout) {
        return false;
    }
    m_timedOut = true;
    return true;
}

void Execution::armTimeout(Clock *clock, Duration timeout, Duration tolerance)
{
    // Exactly at the limit is in time.
    if (timeout > Duration::zero() && isActive() && !m_timedOut)
        m_timeout.arm(clock, saturatedAdd(saturatedAdd(m_startedAt, timeout), 1ns), tolerance);
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
}

void Execution::release()
{
    if (!m_watcher || isActive())
        return;
    static const QFuture<void> nothing;
    m_watcher->setFuture(nothing);
}

} // namespace Tactus
