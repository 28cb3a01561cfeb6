// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/tactus_export.h>

#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace Tactus {

// Says how a value that a callable returned becomes a completion. Without a specialization the
// value is a plain one: the callable is finished when it returns. A specialization has one member,
//     static QFuture<Result> toFuture(T value);
// whose future finishes when the work is done, holds its result or exception, and passes a request
// to cancel on. Where that work still needs the callable, as a coroutine needs what the lambda that
// it is has captured, toFuture() takes it as a second argument, a std::shared_ptr<void>, to keep.
template <typename T>
struct TaskTraits
{
};

template <typename T>
struct TaskTraits<QFuture<T>>
{
    static QFuture<T> toFuture(QFuture<T> future) { return future; }
};

namespace Detail {

template <typename T>
struct FutureValue;
template <typename T>
struct FutureValue<QFuture<T>>
{
    using Type = T;
};

template <typename T>
concept KeepsCallable = requires(T value, std::shared_ptr<void> callable)
{
    typename FutureValue<decltype(TaskTraits<T>::toFuture(std::move(value), callable))>::Type;
};
template <typename T>
concept Asynchronous = KeepsCallable<T> || requires(T value)
{
    typename FutureValue<decltype(TaskTraits<T>::toFuture(std::move(value)))>::Type;
};

// What a task's future holds, if the task's callable returns a T.
template <typename T>
struct ResultOf
{
    using Type = T;
};
template <Asynchronous T>
struct ResultOf<T>
{
    using Type = typename FutureValue<decltype(TaskTraits<T>::toFuture(std::declval<T>()))>::Type;
};
template <KeepsCallable T>
struct ResultOf<T>
{
    using Type = typename FutureValue<decltype(TaskTraits<T>::toFuture(
            std::declval<T>(), std::shared_ptr<void>()))>::Type;
};

template <typename T>
struct MemberOf;
template <typename T, typename Class>
struct MemberOf<T Class::*>
{
    using Type = Class;
};

template <typename F>
bool isNullCallable(const F &callable)
{
    if constexpr (std::is_member_pointer_v<F> || requires { callable == nullptr; })
        return callable == nullptr;
    else
        return false;
}

// A callable and, where it is a pointer to a member, the object it is called on.
template <typename F>
class Callable
{
    static constexpr bool isMember = std::is_member_pointer_v<F>;
    struct NoObject
    {
    };
    static auto objectType()
    {
        if constexpr (isMember)
            return std::type_identity<typename MemberOf<F>::Type *>{};
        else
            return std::type_identity<NoObject>{};
    }
    using Object = typename decltype(objectType())::type;

public:
    template <typename G>
    Callable(G &&function, [[maybe_unused]] const QObject *context)
        : m_function(std::forward<G>(function))
    {
        if constexpr (isMember) {
            if (accepts(context))
                m_object = static_cast<Object>(const_cast<QObject *>(context));
        }
    }

    // Whether a callable given with this context can be called: a member needs an object of its
    // class, as far as the meta-object tells.
    static bool accepts(const QObject *context)
    {
        if constexpr (isMember)
            return std::remove_pointer_t<Object>::staticMetaObject.cast(context) != nullptr;
        else
            return context != nullptr;
    }

    template <typename... Arguments>
    requires(isMember &&std::is_invocable_v<F &, Object, Arguments...>) decltype(auto) operator()(
            Arguments &&...arguments)
    {
        return std::invoke(m_function, m_object, std::forward<Arguments>(arguments)...);
    }

    template <typename... Arguments>
    requires(!isMember && std::is_invocable_v<F &, Arguments...>) decltype(auto) operator()(
            Arguments &&...arguments)
    {
        if (isNullCallable(m_function))
            throw std::bad_function_call();
        return std::invoke(m_function, std::forward<Arguments>(arguments)...);
    }

private:
    F m_function;
    [[no_unique_address]] Object m_object{};
};

// A callable and its place, which others can keep if what it returns, a Returned, needs that.
template <typename F, typename Returned>
class CallableHolder
{
    static constexpr bool isShared = KeepsCallable<Returned>;

public:
    template <typename G>
    CallableHolder(G &&function, const QObject *context)
        : m_callable(make(std::forward<G>(function), context))
    {
    }

    template <typename... Arguments>
    decltype(auto) operator()(Arguments &&...arguments)
    {
        if constexpr (isShared)
            return (*m_callable)(std::forward<Arguments>(arguments)...);
        else
            return m_callable(std::forward<Arguments>(arguments)...);
    }

    // Calls it: the future to wait for.
    template <typename... Arguments>
    auto future(Arguments &&...arguments)
    {
        if constexpr (isShared) {
            const std::shared_ptr<void> callable = m_callable;
            return TaskTraits<Returned>::toFuture((*this)(std::forward<Arguments>(arguments)...),
                                                  callable);
        } else {
            return TaskTraits<Returned>::toFuture((*this)(std::forward<Arguments>(arguments)...));
        }
    }

private:
    template <typename G>
    static auto make(G &&function, const QObject *context)
    {
        if constexpr (isShared)
            return std::make_shared<Callable<F>>(std::forward<G>(function), context);
        else
            return Callable<F>(std::forward<G>(function), context);
    }

    std::conditional_t<isShared, std::shared_ptr<Callable<F>>, Callable<F>> m_callable;
};

} // namespace Detail

} // namespace Tactus
