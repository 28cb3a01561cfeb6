// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/errors.h>

namespace Tactus {

/*!
    \class Tactus::QueueFullError
    \inmodule Tactus
    \inheaderfile Tactus/QueueFullError
    \brief The exception in a pushed task's future when the queue was full.

    With SerialRateLimiter::Overflow::RejectNewest it arrives in the future of the task that was
    just pushed, with \c DropOldest in that of the task that had waited longest.

    \since Tactus 0.1
*/

/*!
    An error that says that the bound was \a maximumPending tasks.
*/
QueueFullError::QueueFullError(qsizetype maximumPending)
    : m_maximumPending(maximumPending)
{
}

/*! Destroys the error. */
QueueFullError::~QueueFullError() noexcept = default;

/*!
    \fn qsizetype QueueFullError::maximumPending() const
    The bound that was reached, in tasks.
*/

/*! The text, as taskFailed() gives it. */
const char *QueueFullError::what() const noexcept
{
    return "the limiter's queue is full";
}

/*! Throws the error. */
void QueueFullError::raise() const
{
    throw *this;
}

/*! A copy, which belongs to the caller. */
QueueFullError *QueueFullError::clone() const
{
    return new QueueFullError(*this);
}

/*!
    \class Tactus::TimeoutError
    \inmodule Tactus
    \inheaderfile Tactus/TimeoutError
    \brief The exception in a pushed task's future when the task ran longer than
    SerialRateLimiter::taskTimeout.

    The future fails at once; the task itself was asked to cancel, and the limiter starts no other
    task before it has really finished.

    \since Tactus 0.1
*/

/*!
    An error that says that \a timeout was exceeded.
*/
TimeoutError::TimeoutError(Duration timeout)
    : m_timeout(timeout)
{
}

/*! Destroys the error. */
TimeoutError::~TimeoutError() noexcept = default;

/*!
    \fn Tactus::Duration TimeoutError::timeout() const
    The timeout that was exceeded, in nanoseconds.
*/

/*! The text, as taskFailed() gives it. */
const char *TimeoutError::what() const noexcept
{
    return "the task ran longer than the limiter's task timeout";
}

/*! Throws the error. */
void TimeoutError::raise() const
{
    throw *this;
}

/*! A copy, which belongs to the caller. */
TimeoutError *TimeoutError::clone() const
{
    return new TimeoutError(*this);
}

/*!
    \class Tactus::CanceledError
    \inmodule Tactus
    \inheaderfile Tactus/CanceledError
    \brief What a coroutine gets instead of a result when the task that it awaits is canceled.

    A canceled QFuture holds neither a result nor an exception. Where there must be one or the
    other, as in <Tactus/qcoro.h>, this exception stands for the cancellation; a task that ends
    with it counts as canceled in turn.

    \since Tactus 0.1
*/

/*!
    An error that says that something was canceled.
*/
CanceledError::CanceledError() = default;

/*! Destroys the error. */
CanceledError::~CanceledError() noexcept = default;

/*! The text: it says that something was canceled. */
const char *CanceledError::what() const noexcept
{
    return "the task was canceled";
}

/*! Throws the error. */
void CanceledError::raise() const
{
    throw *this;
}

/*! A copy, which belongs to the caller. */
CanceledError *CanceledError::clone() const
{
    return new CanceledError(*this);
}

} // namespace Tactus
