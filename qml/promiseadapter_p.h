// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qexception.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qhash.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qpromise.h>
#include <QtCore/qstring.h>
#include <QtCore/qvariant.h>
#include <QtQml/qjsengine.h>
#include <QtQml/qjsvalue.h>

#include <functional>
#include <memory>

namespace Tactus {

// A function of JavaScript's, as C++ calls it.
struct ScriptCall
{
    QJSValue function; // of the adapter's engine
    QJSValueList arguments;
    QString place; // to name in front of an error that names none itself
    std::function<void(const QString &message)> failed; // maybe empty; told of an error first
};

// What a function has thrown, or its Promise was rejected with. The text names the place.
class ScriptError final : public QException
{
public:
    ScriptError(const QJSValue &value, const QString &message);
    ~ScriptError() noexcept override;

    QJSValue value() const { return m_value; }

    const char *what() const noexcept override;
    void raise() const override;
    ScriptError *clone() const override;

private:
    QJSValue m_value;
    QByteArray m_message;
};

// The C++ end of a Promise that is being waited for. The engine owns it: if the Promise is garbage
// before it is settled, so is this, and the future is canceled with it. A Promise that can be asked to
// cancel is no garbage before it has been.
class PromiseFollower final : public QObject
{
    Q_OBJECT

public:
    PromiseFollower(QJSEngine *engine, const ScriptCall &call);
    ~PromiseFollower() override;

    QFuture<QJSValue> future() const { return m_promise.future(); }

    // One of them, once: the script that calls them sees to it.
    Q_INVOKABLE void fulfill(const QJSValue &value);
    Q_INVOKABLE void reject(const QJSValue &error);

    // What asks the present Promise to cancel; undefined if it cannot be asked.
    Q_INVOKABLE void setCancel(const QJSValue &cancel);

private:
    void askToCancel();

    const QPointer<QJSEngine> m_engine;
    const QString m_place;
    const std::function<void(const QString &)> m_failed;
    QPromise<QJSValue> m_promise;
    QJSValue m_cancel;
    std::unique_ptr<QFutureWatcher<void>> m_watcher; // once there is something to ask
};

// Between functions and Promises of one engine and C++ futures. Lives in the engine's thread, and as
// long as the engine.
//
// Whatever is held here may be asked to work while the engine is being destroyed, from the
// destructors of objects that JavaScript owns. All values have become undefined by then, which is
// how isAlive() tells.
class PromiseAdapter final : public QObject
{
    Q_OBJECT

public:
    // The adapter of the engine that object belongs to; null without one.
    static PromiseAdapter *of(const QObject *object);

    bool isAlive() const { return m_follow.isCallable(); }

    // Whether that is a function of this engine; with a warning of Qt's, if it is another engine's.
    bool owns(const QJSValue &function) const;

    // The future finishes with what the function returns, or, if that is a Promise (or any other
    // object with a then()), with what it is settled with. An error is a ScriptError.
    QFuture<QJSValue> call(const ScriptCall &call);

    // A Promise for what becomes of the future. A canceled one rejects it.
    QJSValue promiseFor(const QFuture<void> &future);
    // This one has a function cancel().
    QJSValue cancelablePromiseFor(const QFuture<QJSValue> &future);
    Q_INVOKABLE void cancel(double key);

    QJSValue toValue(const QVariant &value) { return m_engine->toScriptValue(value); }
    // The file in which the object was made, as far as it is known.
    static QString placeOf(const QObject *object);

    // For a function that JavaScript is calling.
    void throwTypeError(const QString &message);

private:
    struct Deferred
    {
        QJSValue promise;
        QJSValue fulfill;
        QJSValue reject;
    };

    explicit PromiseAdapter(QJSEngine *engine);
    Deferred defer();
    QJSValue errorFor(const QString &name, const QString &message);
    template <typename T>
    void settle(const Deferred &deferred, QFuture<T> future, qint64 key);

    QJSEngine *const m_engine;
    // What the functions cancel() refer to, as long as there is something to cancel. Not held by the
    // Promises, as a future that has finished holds its result, and that may refer to its Promise.
    QHash<qint64, QFuture<void>> m_cancelable;
    qint64 m_latestKey = 0;
    QJSValue m_defer;
    QJSValue m_makeCancelable;
    QJSValue m_follow;
    QJSValue m_error;
};

} // namespace Tactus
