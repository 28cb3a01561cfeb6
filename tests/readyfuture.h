// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qfuture.h>
#include <QtCore/qpromise.h>

#include <type_traits>
#include <utility>

// A future that is finished already. Qt has functions for that, but renamed them: none is there, and
// free of warnings, in every Qt 6.

template <typename T>
QFuture<std::decay_t<T>> readyFuture(T &&value)
{
    QPromise<std::decay_t<T>> promise;
    promise.start();
    promise.addResult(std::forward<T>(value));
    promise.finish();
    return promise.future();
}

inline QFuture<void> readyFuture()
{
    QPromise<void> promise;
    promise.start();
    promise.finish();
    return promise.future();
}
