// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/tasktraits.h>

namespace Tactus {

/*!
    \class Tactus::TaskTraits
    \inmodule Tactus
    \inheaderfile Tactus/TaskTraits
    \brief Says how a value that a callable returned becomes a completion.

    A timer's callback or a limiter's task may return anything. By default the returned value is a
    plain one, and the callable is finished when it returns. For QFuture the callable is finished
    when the future is, with the future's result, exception or cancellation.

    To have a type of your own awaited the same way, specialize TaskTraits for it, with one static
    function that turns the value into a QFuture:

    \snippet tst_reference.cpp traits

    \list
    \li \e Finished: when the promise finishes. If it is destroyed before, the future is
        canceled.
    \li \e Cancellation: a request arrives as the future's \c canceled state, which a
        QFutureWatcher reports. Until the promise finishes the callable counts as running.
    \li \e Result and exception: what the promise holds.
    \endlist

    If the work needs the callable after it has returned, as a coroutine needs what the lambda that
    it is has captured, give toFuture() a second parameter, a \c{std::shared_ptr<void>}, and hold on
    to it: it is the callable, and lives as long as somebody does, even if the timer or limiter is
    deleted.

    toFuture() is called in the thread of the timer or limiter, right after the callable has
    returned; what it throws counts as thrown by the callable. The future is observed, never
    continued: a then() of yours on it keeps working.

    \since Tactus 0.1
*/

} // namespace Tactus
