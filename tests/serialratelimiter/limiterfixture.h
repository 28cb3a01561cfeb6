// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/manualclock.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qbytearraylist.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <functional>
#include <utility>

// What the tests of SerialRateLimiter share.

namespace LimiterTest {

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::Duration;
using Tactus::ManualClock;
using Tactus::RateLimit;
using Tactus::SerialRateLimiter;

inline Clock::Instant at(Duration sinceStart)
{
    return Clock::Instant(sinceStart);
}

inline qint64 ns(Duration duration)
{
    return duration.count();
}

// Everything a limiter tells about its tasks, in the order in which it tells it.
class Log : public QObject
{
public:
    explicit Log(SerialRateLimiter *limiter)
        : m_clock(limiter->clock())
    {
        connect(limiter, &SerialRateLimiter::taskStarted, this, [this](qint64 id) {
            add("started " + QByteArray::number(id));
            startedIds.append(id);
            starts.append(now());
        });
        connect(limiter, &SerialRateLimiter::taskCompleted, this,
                [this](qint64 id) { addEnd("completed " + QByteArray::number(id)); });
        connect(limiter, &SerialRateLimiter::taskFailed, this,
                [this](qint64 id, const QString &message) {
                    messages.append(message);
                    addEnd("failed " + QByteArray::number(id));
                });
        connect(limiter, &SerialRateLimiter::taskCanceled, this,
                [this](qint64 id) { addEnd("canceled " + QByteArray::number(id)); });
        connect(limiter, &SerialRateLimiter::drained, this, [this] { add("drained"); });
    }

    void add(const QByteArray &line) { lines.append(line); }
    QByteArrayList take() { return std::exchange(lines, {}); }
    qsizetype count(const QByteArray &line) const { return lines.count(line); }

    QByteArrayList lines;
    QList<qint64> startedIds;
    QList<Duration> starts;
    QList<Duration> ends;
    QStringList messages;

private:
    Duration now() const { return m_clock->now().time_since_epoch(); }
    void addEnd(const QByteArray &line)
    {
        add(line);
        ends.append(now());
    }

    Clock *m_clock;
};

// An asynchronous task whose end is the test's to decide.
template <typename T>
class Job
{
public:
    // The callable to push. The job outlives the task.
    auto task()
    {
        return [this] {
            ++calls;
            promise = QPromise<T>();
            promise.start();
            return promise.future();
        };
    }

    void finish() { promise.finish(); }
    template <typename Result>
    void finish(Result &&result)
    {
        promise.addResult(std::forward<Result>(result));
        promise.finish();
    }
    template <typename Error>
    void fail(const Error &error)
    {
        promise.setException(std::make_exception_ptr(error));
        promise.finish();
    }
    void drop() { promise = QPromise<T>(); }

    bool isRunning() const { return calls > 0 && !promise.future().isFinished(); }

    QPromise<T> promise;
    int calls = 0;
};

// The text of the exception that a finished future holds; empty if there is none.
template <typename T>
QString errorOf(QFuture<T> future)
{
    try {
        future.waitForFinished();
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    } catch (...) {
        return QStringLiteral("something else");
    }
    return {};
}

// Finished without a result or an exception.
template <typename T>
bool wasCanceled(const QFuture<T> &future)
{
    return future.isFinished() && future.isCanceled() && errorOf(future).isEmpty();
}

// A few turns of a nested event loop.
inline void turnNestedLoop(int turns = 5)
{
    QEventLoop loop;
    for (int turn = 0; turn < turns; ++turn)
        loop.processEvents();
}

// Warnings that a test does not expect make it fail.
inline void failOnWarnings()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

inline void expectWarning(const char *pattern)
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromUtf8(pattern)));
}

// A limiter on a clock of its own, and its log.
struct Fixture
{
    explicit Fixture(int rate = 1000, Duration per = 1s)
        : limiter(rate, per)
    {
        limiter.setClock(&clock);
        log = std::make_unique<Log>(&limiter);
    }

    // Lets everything happen that may happen now.
    void settle() { clock.advance(0ns); }
    Duration now() const { return clock.now().time_since_epoch(); }

    ManualClock clock;
    SerialRateLimiter limiter;
    std::unique_ptr<Log> log;
};

} // namespace LimiterTest

// What QCOMPARE shows of a duration.
template <>
inline char *QTest::toString(const Tactus::Duration &duration)
{
    return qstrdup((QByteArray::number(qlonglong{ duration.count() }) + " ns").constData());
}
