// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "promiseadapter_p.h"

#include <Tactus/errors.h>

#include <QtCore/qdebug.h>
#include <QtQml/qjsmanagedvalue.h>
#include <QtQml/qqmlcontext.h>
#include <QtQml/qqmlengine.h>

#include <exception>
#include <utility>

namespace Tactus {

namespace {

// Arrow functions that capture the follower keep it for as long as the Promise can be settled.
constexpr char DeferProgram[] = "(() => {"
                                "    const deferred = {};"
                                "    deferred.promise = new Promise((fulfill, reject) => {"
                                "        deferred.fulfill = fulfill;"
                                "        deferred.reject = reject;"
                                "    });"
                                "    return deferred;"
                                "})";
// Not enumerable, like the functions that every Promise has.
constexpr char MakeCancelableProgram[] =
        "((promise, adapter, key) => "
        "    Object.defineProperty(promise, 'cancel', { value: () => adapter.cancel(key) }))";
// Not Promise.resolve(value).then(): Qt 6.4 crashes if a then() that is not a Promise's throws.
constexpr char FollowProgram[] =
        "(function follow(value, follower) {"
        "    let called = false;"
        "    const once = settle => argument => {"
        "        if (!called) {"
        "            called = true;"
        "            settle(argument);"
        "        }"
        "    };"
        "    try {"
        "        const then = value?.then;"
        "        if (typeof then === 'function') {"
        "            const cancel = value.cancel;"
        "            follower.setCancel(typeof cancel === 'function' ? () => cancel.call(value)"
        "                                                            : undefined);"
        "            then.call(value, once(fulfilled => follow(fulfilled, follower)),"
        "                      once(error => follower.reject(error)));"
        "        } else {"
        "            follower.fulfill(value);"
        "        }"
        "    } catch (error) {"
        "        once(() => follower.reject(error))();"
        "    }"
        "})";
// Defined, not assigned: QML freezes the prototype that has the name.
constexpr char ErrorProgram[] =
        "((name, message) => "
        "    Object.defineProperty(new Error(message), 'name', { value: name }))";

QString placeNamedBy(const QJSValue &error, const QString &otherwise)
{
    const QString file = error.property(QStringLiteral("fileName")).toString();
    if (!error.isError() || file.isEmpty())
        return otherwise;
    const int line = error.property(QStringLiteral("lineNumber")).toInt();
    return file + QLatin1Char(':') + QString::number(line);
}

QString messageFor(const QJSValue &error, const QString &place)
{
    const QString where = placeNamedBy(error, place);
    return where.isEmpty() ? error.toString() : where + QStringLiteral(": ") + error.toString();
}

void fail(QPromise<QJSValue> &promise, const QJSValue &error, const QString &place,
          const std::function<void(const QString &)> &failed)
{
    // After a request to cancel it is no failure.
    if (!promise.isCanceled()) {
        const QString message = messageFor(error, place);
        if (failed)
            failed(message);
        promise.setException(ScriptError(error, message));
    }
    promise.finish();
}

} // namespace

ScriptError::ScriptError(const QJSValue &value, const QString &message)
    : m_value(value)
    , m_message(message.toUtf8())
{
}

ScriptError::~ScriptError() noexcept = default;

const char *ScriptError::what() const noexcept
{
    return m_message.constData();
}

void ScriptError::raise() const
{
    throw *this;
}

ScriptError *ScriptError::clone() const
{
    return new ScriptError(*this);
}

PromiseFollower::PromiseFollower(QJSEngine *engine, const ScriptCall &call)
    : m_engine(engine)
    , m_place(call.place)
    , m_failed(call.failed)
{
    m_promise.start();
}

PromiseFollower::~PromiseFollower() = default;

void PromiseFollower::setCancel(const QJSValue &cancel)
{
    m_cancel = cancel;
    if (cancel.isUndefined())
        return;
    if (m_promise.isCanceled()) {
        // The next one in a chain. It is asked, like the first, from the event loop.
        QMetaObject::invokeMethod(this, &PromiseFollower::askToCancel, Qt::QueuedConnection);
    } else if (!m_watcher) {
        m_watcher = std::make_unique<QFutureWatcher<void>>();
        connect(m_watcher.get(), &QFutureWatcherBase::canceled, this, &PromiseFollower::askToCancel);
        m_watcher->setFuture(QFuture<void>(future()));
    }
}

void PromiseFollower::askToCancel()
{
    const QJSValue cancel = std::exchange(m_cancel, QJSValue());
    if (future().isFinished() || !cancel.isCallable() || !m_engine)
        return;
    // The function may do anything, also destroy this.
    QJSEngine *const engine = m_engine;
    const QString place = m_place;
    QJSManagedValue(cancel, engine).call();
    if (engine->hasError())
        qWarning().noquote() << messageFor(engine->catchError(), place)
                             << "- thrown by the cancel() of a Promise";
}

void PromiseFollower::fulfill(const QJSValue &value)
{
    m_cancel = QJSValue();
    m_promise.addResult(value);
    m_promise.finish();
}

void PromiseFollower::reject(const QJSValue &error)
{
    m_cancel = QJSValue();
    fail(m_promise, error, m_place, m_failed);
}

PromiseAdapter *PromiseAdapter::of(const QObject *object)
{
    QJSEngine *engine = qmlEngine(object);
    if (!engine)
        engine = qjsEngine(object);
    if (!engine)
        return nullptr;
    auto *adapter = engine->findChild<PromiseAdapter *>(QString(), Qt::FindDirectChildrenOnly);
    return adapter ? adapter : new PromiseAdapter(engine);
}

PromiseAdapter::PromiseAdapter(QJSEngine *engine)
    : QObject(engine)
    , m_engine(engine)
    , m_defer(engine->evaluate(QString::fromLatin1(DeferProgram), QStringLiteral("Tactus")))
    , m_makeCancelable(engine->evaluate(QString::fromLatin1(MakeCancelableProgram),
                                        QStringLiteral("Tactus")))
    , m_follow(engine->evaluate(QString::fromLatin1(FollowProgram), QStringLiteral("Tactus")))
    , m_error(engine->evaluate(QString::fromLatin1(ErrorProgram), QStringLiteral("Tactus")))
{
    QJSEngine::setObjectOwnership(this, QJSEngine::CppOwnership);
}

bool PromiseAdapter::owns(const QJSValue &function) const
{
    return QJSManagedValue(function, m_engine).isFunction();
}

QFuture<QJSValue> PromiseAdapter::call(const ScriptCall &call)
{
    // The function may do anything, also destroy the engine's objects.
    const QPointer<PromiseAdapter> self(this);
    QJSEngine *const engine = m_engine;
    // QJSValue::call() cannot tell an Error that was thrown from one that was returned, and does not
    // see what else is thrown.
    const QJSValue returned = QJSManagedValue(call.function, engine).call(call.arguments);
    if (!self || !isAlive())
        return {};
    const bool hasFailed = engine->hasError();
    if (hasFailed || !returned.isObject()) {
        QPromise<QJSValue> promise;
        promise.start();
        if (hasFailed) {
            fail(promise, engine->catchError(), call.place, call.failed);
        } else {
            promise.addResult(returned);
            promise.finish();
        }
        return promise.future();
    }

    auto *follower = new PromiseFollower(engine, call);
    QFuture<QJSValue> future = follower->future();
    m_follow.call({ returned, engine->newQObject(follower) });
    return future;
}

PromiseAdapter::Deferred PromiseAdapter::defer()
{
    const QJSValue deferred = m_defer.call();
    return { deferred.property(QStringLiteral("promise")),
             deferred.property(QStringLiteral("fulfill")),
             deferred.property(QStringLiteral("reject")) };
}

QJSValue PromiseAdapter::errorFor(const QString &name, const QString &message)
{
    return m_error.call({ QJSValue(name), QJSValue(message) });
}

template <typename T>
void PromiseAdapter::settle(const Deferred &deferred, QFuture<T> future, qint64 key)
{
    const QPointer<PromiseAdapter> self(this);
    const auto usable = [self, key] {
        if (self)
            self->m_cancelable.remove(key);
        return self && self->isAlive();
    };
    const auto rejectWith = [self, deferred](const QString &name, const char *message) {
        deferred.reject.call({ self->errorFor(name, QString::fromUtf8(message)) });
    };
    const auto finished = [usable, rejectWith, deferred](QFuture<T> ended) {
        if (!usable())
            return;
        try {
            if constexpr (std::is_void_v<T>) {
                ended.waitForFinished();
                deferred.fulfill.call();
            } else {
                deferred.fulfill.call({ ended.result() });
            }
        } catch (const ScriptError &error) {
            deferred.reject.call({ error.value() });
        } catch (const QueueFullError &error) {
            rejectWith(QStringLiteral("QueueFullError"), error.what());
        } catch (const TimeoutError &error) {
            rejectWith(QStringLiteral("TimeoutError"), error.what());
        } catch (const std::exception &error) {
            rejectWith(QStringLiteral("Error"), error.what());
        }
    };
    const auto canceled = [usable, rejectWith] {
        if (usable())
            rejectWith(QStringLiteral("CanceledError"), "the task was canceled");
    };
    // In the thread that finishes the future, at once: the object that does may be going down.
    future.then(QtFuture::Launch::Sync, finished).onCanceled(canceled);
}

QJSValue PromiseAdapter::promiseFor(const QFuture<void> &future)
{
    const Deferred deferred = defer();
    settle(deferred, future, 0);
    return deferred.promise;
}

QJSValue PromiseAdapter::cancelablePromiseFor(const QFuture<QJSValue> &future)
{
    const Deferred deferred = defer();
    const qint64 key = ++m_latestKey;
    m_makeCancelable.call(
            { deferred.promise, m_engine->newQObject(this), static_cast<double>(key) });
    m_cancelable.insert(key, QFuture<void>(future));
    settle(deferred, future, key);
    return deferred.promise;
}

void PromiseAdapter::cancel(double key)
{
    // A copy: canceling may end it.
    QFuture<void> future = m_cancelable.value(static_cast<qint64>(key));
    future.cancel();
}

QString PromiseAdapter::placeOf(const QObject *object)
{
    const QQmlContext *const context = qmlContext(object);
    return context ? context->baseUrl().toString() : QString();
}

void PromiseAdapter::throwTypeError(const QString &message)
{
    m_engine->throwError(QJSValue::TypeError, message);
}

} // namespace Tactus
