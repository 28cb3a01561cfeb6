// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A program that uses all of the library, compiled in each of the ways of CMakeLists.txt: what is in
// headers is compiled in the user's way. The exit code is the number of the check that failed.

#include <Tactus/Tactus>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qobject.h>

#include <memory>
#include <stdexcept>
#include <string>

#ifdef CONSUMER_IS_CXX23
static_assert(__cplusplus > 202002L);
#endif

using namespace std::chrono_literals;

namespace {

#ifdef QT_NO_KEYWORDS
// What Qt's keywords would make of these.
int signals = 0;
int slots = 0;
int emit = 0;
int foreach = 0;
#else
int signalsSeen = 0;
#endif

struct Answer
{
    int value = 0;
};

} // namespace

template <>
struct Tactus::TaskTraits<Answer>
{
    static QFuture<int> toFuture(Answer answer)
    {
        QPromise<int> promise;
        promise.start();
        promise.addResult(answer.value);
        promise.finish();
        return promise.future();
    }
};

namespace {

class Window : public QObject
{
    Q_OBJECT

public:
    explicit Window(Tactus::ScheduledTimer &timer)
    {
        connect(&timer, &Tactus::ScheduledTimer::tick, this, &Window::onTick);
    }

    int measure() { return 7; }

    int ticks = 0;

#ifdef QT_NO_KEYWORDS
public Q_SLOTS:
    void onTick(const Tactus::Tick &tick)
    {
        ++signals, ++slots, ++emit, ++foreach;
        Q_EMIT ticked(tick.index());
    }

Q_SIGNALS:
    void ticked(qint64 index);
#else
public slots:
    void onTick(const Tactus::Tick &tick)
    {
        ++signalsSeen;
        emit ticked(tick.index());
    }

signals:
    void ticked(qint64 index);
#endif
};

bool timerWorks(Tactus::ManualClock &clock)
{
    Tactus::ScheduledTimer timer(10ms);
    Window window(timer);
    int callbacks = 0;
    QString message;
    QObject::connect(&window, &Window::ticked, &window, [&window] { ++window.ticks; });
    QObject::connect(&timer, &Tactus::ScheduledTimer::errorOccurred, &window,
                     [&message](const Tactus::Tick &, const QString &text) { message = text; });
    timer.setCallback(&window, [&callbacks](const Tactus::Tick &tick) -> QFuture<void> {
        ++callbacks;
        if (tick.index() == 3)
            throw std::runtime_error("three");
        QPromise<void> promise;
        promise.start();
        promise.finish();
        return promise.future();
    });
    timer.start();
    int others = 0;
    Tactus::every(20ms, &window, [&others] { ++others; });
    clock.advance(50ms);
    return window.ticks == 5 && callbacks == 5 && others == 2 && message == QLatin1String("three");
}

bool limiterWorks(Tactus::ManualClock &clock)
{
    Tactus::ScheduledTimer timer;
    Window window(timer);
    Tactus::SerialRateLimiter limiter(1, 1s);
    const QFuture<int> plain = limiter.push([] { return 5; });
    const QFuture<int> member = limiter.push(&window, &Window::measure);
    const QFuture<int> adapted = limiter.push([] { return Answer{ 9 }; });
    QFuture<std::unique_ptr<int>> moveOnly = limiter.push([] { return std::make_unique<int>(11); });
    const QFuture<void> nothing = limiter.push([] {});
    limiter.post([] {});
    clock.advance(10s);
    return plain.result() == 5 && member.result() == 7 && adapted.result() == 9
           && *moveOnly.takeResult() == 11 && nothing.isFinished() && limiter.completedCount() == 6;
}

struct OwnError
{
    int code = 0;
};

template <typename Error, typename Task>
bool failsWith(Tactus::ManualClock &clock, Task task)
{
    Tactus::SerialRateLimiter limiter(1, 1s);
    auto future = limiter.push(std::move(task));
    clock.advance(1s);
    try {
        future.waitForFinished();
    } catch (const Error &) {
        return limiter.failedCount() == 1;
    }
    return false;
}

bool exceptionsArrive(Tactus::ManualClock &clock)
{
    Tactus::SerialRateLimiter full(1, 1s);
    full.setMaximumPending(1);
    const QFuture<void> waits = full.push([] {});
    QFuture<void> refused = full.push([] {});
    bool isRefused = false;
    try {
        refused.waitForFinished();
    } catch (const Tactus::QueueFullError &) {
        isRefused = true;
    }
    return isRefused && !waits.isFinished()
           && failsWith<std::runtime_error>(clock, []() -> int { throw std::runtime_error("x"); })
           && failsWith<OwnError>(clock, [] { throw OwnError{ 5 }; })
           && failsWith<std::bad_function_call>(clock, std::function<int()>());
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);
    int failed = 0;
    if (!timerWorks(clock))
        failed = 1;
    else if (!limiterWorks(clock))
        failed = 2;
    else if (!exceptionsArrive(clock))
        failed = 3;
    Tactus::Clock::setDefault(nullptr);
    return failed;
}

#include "consumer.moc"
