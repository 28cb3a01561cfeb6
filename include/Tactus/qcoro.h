// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

// Callbacks and tasks that are coroutines, and coroutines that await Tactus. For programs that link
// QCoro6::Core.

#include <Tactus/errors.h>
#include <Tactus/tasktraits.h>

#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>

#include <QCoroFuture>
#include <QCoroTask>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace Tactus {

namespace Detail {

QT_WARNING_PUSH
QT_WARNING_DISABLE_GCC("-Wsubobject-linkage") // said of the frame, where T is local to a file

// Its frame, with the callable that may be the coroutine's lambda, lives as long as the coroutine.
template <typename T>
QCoro::Task<> forwardResult(QCoro::Task<T> coroutine, QPromise<T> promise,
                            [[maybe_unused]] std::shared_ptr<void> callable)
{
    try {
        if constexpr (std::is_void_v<T>)
            co_await std::move(coroutine);
        else
            promise.addResult(co_await std::move(coroutine));
    } catch (const CanceledError &) {
        promise.future().cancel();
    } catch (...) {
        promise.setException(std::current_exception());
    }
    promise.finish();
}

QT_WARNING_POP

// Waits until a future is finished, which a canceled one need not be. A part of the coroutine.
template <typename T>
class ResultAwaiter
{
public:
    explicit ResultAwaiter(QFuture<T> future)
        : m_future(std::move(future))
    {
    }

    bool await_ready() const { return m_future.isFinished(); }

    void await_suspend(std::coroutine_handle<> coroutine)
    {
        m_watcher = std::make_unique<QFutureWatcher<void>>();
        QObject::connect(m_watcher.get(), &QFutureWatcherBase::finished, m_watcher.get(),
                         [this, coroutine]() mutable {
                             m_watcher.release()->deleteLater();
                             coroutine.resume();
                         });
        m_watcher->setFuture(QFuture<void>(m_future));
    }

    T await_resume()
    {
        m_future.waitForFinished(); // throws what the future holds
        if (m_future.isCanceled())
            throw CanceledError();
        if constexpr (std::is_copy_constructible_v<T>)
            return m_future.result();
        else if constexpr (!std::is_void_v<T>) // not takeResult(), which resets the future
            return std::move(const_cast<T &>(*m_future.constBegin()));
    }

private:
    QFuture<T> m_future;
    std::unique_ptr<QFutureWatcher<void>> m_watcher; // goes with a coroutine that is destroyed
};

} // namespace Detail

// The task is completed when the coroutine is, with what it returns or throws; CanceledError makes it
// a canceled one. QCoro cannot cancel a coroutine: one that is asked to cancel goes on to its end, and
// counts as running until then.
template <typename T>
struct TaskTraits<QCoro::Task<T>>
{
    static QFuture<T> toFuture(QCoro::Task<T> coroutine, std::shared_ptr<void> callable = {})
    {
        QPromise<T> promise;
        promise.start();
        QFuture<T> future = promise.future();
        Detail::forwardResult<T>(std::move(coroutine), std::move(promise), std::move(callable));
        return future;
    }
};

// co_await resultOf(limiter.push(task)): the result once the future is finished, an exception as it
// was thrown, and CanceledError if it was canceled. To co_await the future itself does the same but
// for the last: QCoro reads a result that is not there.
template <typename T>
Detail::ResultAwaiter<T> resultOf(QFuture<T> future)
{
    return Detail::ResultAwaiter<T>(std::move(future));
}

} // namespace Tactus
