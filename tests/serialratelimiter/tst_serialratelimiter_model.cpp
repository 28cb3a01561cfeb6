// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Thousands of random runs against two oracles: the windows themselves, over the list of all
// completions, and a model that says at which instant each task has to start.

#include "limiterfixture.h"

#include <Tactus/scheduledtimer.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

using namespace LimiterTest;

namespace {

using Random = std::mt19937_64;

qint64 pick(Random &random, qint64 from, qint64 to)
{
    return std::uniform_int_distribution<qint64>(from, to)(random);
}

Duration pickDuration(Random &random, Duration from, Duration to)
{
    return Duration(pick(random, from.count(), to.count()));
}

bool chance(Random &random, int percent)
{
    return pick(random, 1, 100) <= percent;
}

QList<RateLimit> pickLimits(Random &random)
{
    QList<RateLimit> limits;
    for (qint64 i = pick(random, 1, 3); i > 0; --i)
        limits.append(RateLimit(int(pick(random, 1, 6)), Duration(pick(random, 1, 4000))));
    return limits;
}

// L3, L4, L12 and L13 over plain lists.
class Model
{
public:
    void setLimits(const QList<RateLimit> &newLimits)
    {
        if (!limits.isEmpty()) {
            // The limiter keeps as many completions as the largest rate asks for.
            const size_t lost = completions.size() - std::min(completions.size(), kept);
            for (size_t i = 0; i < lost; ++i)
                counted[i] = counted[lost];
        }
        limits = newLimits;
        kept = std::min(completions.size(), largestRate());
    }

    void complete(Duration now)
    {
        completions.push_back(now);
        counted.push_back(now);
        kept = std::min(kept + 1, largestRate());
        laneFree = now;
    }

    // Any instant from here on keeps all windows, counted over what really happened.
    bool permits(Duration start) const
    {
        return start >= heldUntil
               && std::all_of(limits.begin(), limits.end(), [&](const RateLimit &limit) {
                      const auto rate = static_cast<size_t>(limit.rate());
                      return rate > completions.size()
                             || start - completions[completions.size() - rate]
                                        >= limit.per() + margin;
                  });
    }

    // When a task that was pushed then has to start.
    Duration expectedStart(Duration pushed) const
    {
        Duration start = std::max({ pushed, laneFree, heldUntil, lastChange });
        for (const RateLimit &limit : limits) {
            const auto rate = static_cast<size_t>(limit.rate());
            if (rate <= counted.size())
                start = std::max(start, counted[counted.size() - rate] + limit.per() + margin);
        }
        return start;
    }

    QList<RateLimit> limits;
    Duration margin{};
    Duration heldUntil{};
    Duration lastChange{}; // of what is permitted: a task may not have started before
    std::vector<Duration> completions;

private:
    size_t largestRate() const
    {
        int largest = 0;
        for (const RateLimit &limit : limits)
            largest = std::max(largest, limit.rate());
        return static_cast<size_t>(largest);
    }

    std::vector<Duration> counted; // what each completion counts as
    size_t kept = 0;
    Duration laneFree{};
};

// No half-open interval of length per holds more than rate of the instants.
bool keeps(std::vector<Duration> instants, const RateLimit &limit)
{
    std::sort(instants.begin(), instants.end());
    for (size_t i = 0; i + static_cast<size_t>(limit.rate()) < instants.size(); ++i) {
        if (instants[i + static_cast<size_t>(limit.rate())] - instants[i] < limit.per())
            return false;
    }
    return true;
}

// A limiter, the model beside it, and tasks of every kind.
class Run : public QObject
{
public:
    Run(Random &random, bool changesWindows)
        : m_random(random)
        , m_changesWindows(changesWindows)
    {
        m_limiter.setClock(&m_clock);
        changeLimits();
        m_model.margin = chance(random, 50) ? Duration(pick(random, 0, 300)) : 0ns;
        m_limiter.setMargin(m_model.margin);
        connect(&m_limiter, &SerialRateLimiter::taskStarted, this, &Run::started);
        connect(&m_limiter, &SerialRateLimiter::taskCompleted, this, &Run::ended);
        connect(&m_limiter, &SerialRateLimiter::taskFailed, this, &Run::ended);
        connect(&m_limiter, &SerialRateLimiter::taskCanceled, this, &Run::ended);
    }

    // Empty, or what is wrong.
    QByteArray execute()
    {
        for (int action = 0; action < 40; ++action) {
            act();
            m_clock.advance(chance(m_random, 30) ? 0ns : pickDuration(m_random, 1ns, 3us));
        }
        change([this] { m_limiter.resume(); });
        m_isPaused = false;
        while (m_clock.advanceToNext()) {
        }
        return verdict();
    }

private:
    Duration now() const { return m_clock.now().time_since_epoch(); }

    template <typename Change>
    void change(Change &&what)
    {
        what();
        m_model.lastChange = now();
    }

    void changeLimits()
    {
        const auto limits = pickLimits(m_random);
        change([&] { m_limiter.setLimits(limits); });
        m_model.setLimits(limits);
    }

    void act()
    {
        const qint64 kind = pick(m_random, 1, 100);
        if (kind <= 60) {
            for (qint64 i = pick(m_random, 1, 4); i > 0; --i)
                push();
        } else if (kind <= 70 && !m_futures.empty()) {
            m_futures[static_cast<size_t>(pick(m_random, 0, qint64(m_futures.size()) - 1))].cancel();
        } else if (kind <= 74) {
            const Duration hold(pick(m_random, 0, 3000));
            m_limiter.holdFor(hold);
            m_model.heldUntil = std::max(m_model.heldUntil, now() + hold);
        } else if (kind <= 78) {
            m_isPaused = !m_isPaused;
            change([this] { m_limiter.setPaused(m_isPaused); });
        } else if (kind <= 80) {
            m_limiter.clear();
        } else if (kind <= 83) {
            m_limiter.setTaskTimeout(Duration(pick(m_random, 0, 800)));
        } else if (kind <= 90 && m_changesWindows) {
            changeLimits();
        } else if (kind <= 93 && m_changesWindows) {
            m_model.margin = Duration(pick(m_random, 0, 300));
            change([this] { m_limiter.setMargin(m_model.margin); });
        }
    }

    void push()
    {
        m_pushed.push_back(now());
        const Duration length = chance(m_random, 40) ? 0ns : pickDuration(m_random, 0ns, 1500ns);
        const bool fails = chance(m_random, 25);
        if (chance(m_random, 50)) {
            // A synchronous one that takes its time.
            m_futures.push_back(m_limiter.push([this, length, fails] {
                m_clock.elapse(length);
                if (fails)
                    throw std::runtime_error("no");
            }));
        } else {
            m_futures.push_back(
                    m_limiter.push([this, length, fails] { return asynchronous(length, fails); }));
        }
    }

    QFuture<void> asynchronous(Duration length, bool fails)
    {
        auto promise = std::make_shared<QPromise<void>>();
        promise->start();
        auto *const timer = new Tactus::ScheduledTimer(length + 1ns, this);
        timer->setClock(&m_clock);
        timer->setMaximumTicks(1);
        timer->setCallback([promise, fails] {
            if (fails)
                promise->setException(std::make_exception_ptr(std::runtime_error("no")));
            promise->finish();
        });
        timer->start();
        return promise->future();
    }

    void started(qint64 id)
    {
        const Duration pushed = m_pushed[static_cast<size_t>(id - 1)];
        if (m_isRunning)
            complain("two tasks at once");
        if (m_isPaused)
            complain("started while paused");
        if (id <= m_lastStarted)
            complain("out of order");
        if (!m_model.permits(now()))
            complain("too early");
        const Duration expected = m_model.expectedStart(pushed);
        if (now() < expected)
            complain("earlier than the model");
        if (now() > expected)
            complain("later than the model");
        m_isRunning = true;
        m_lastStarted = id;
        m_startedAt = now();
    }

    void ended(qint64 id)
    {
        m_ended.push_back(id);
        // After a timeout the task has been reported, but still runs: watch busy instead.
        if (m_isRunning && id == m_lastStarted) {
            if (!m_limiter.isBusy())
                completed();
            else
                m_completion = connect(&m_limiter, &SerialRateLimiter::busyChanged, this, [this] {
                    disconnect(m_completion);
                    completed();
                });
        }
    }

    void completed()
    {
        m_isRunning = false;
        m_model.complete(now());
        m_insides.push_back(pickDuration(m_random, m_startedAt, now()));
    }

    QByteArray verdict()
    {
        if (m_limiter.pendingCount() > 0 || m_limiter.isBusy())
            complain("stuck");
        std::sort(m_ended.begin(), m_ended.end());
        std::vector<qint64> all(m_pushed.size());
        std::generate(all.begin(), all.end(), [id = qint64(0)]() mutable { return ++id; });
        if (m_ended != all)
            complain("not every task has ended once");
        if (!std::all_of(m_futures.begin(), m_futures.end(),
                         [](const auto &future) { return future.isFinished(); }))
            complain("a future that has not finished");
        if (m_limiter.completedCount() + m_limiter.failedCount() + m_limiter.canceledCount()
            != qint64(m_pushed.size()))
            complain("counters");
        if (m_clock.pendingWakeUps() != 0)
            complain("an idle limiter holds a wake-up");
        if (!m_changesWindows) {
            for (const RateLimit &limit : std::as_const(m_model.limits)) {
                if (!keeps(m_model.completions, limit))
                    complain("completions exceed a window");
                if (!keeps(m_insides, limit))
                    complain("instants inside the executions exceed a window");
            }
        }
        return m_complaint;
    }

    void complain(const char *what)
    {
        if (m_complaint.isEmpty()) {
            m_complaint = QByteArray(what) + ", at "
                          + QByteArray::number(qlonglong{ now().count() }) + " ns";
        }
    }

    Random &m_random;
    const bool m_changesWindows;
    ManualClock m_clock;
    SerialRateLimiter m_limiter;
    Model m_model;
    std::vector<Duration> m_pushed; // by id
    std::vector<QFuture<void>> m_futures;
    std::vector<qint64> m_ended;
    std::vector<Duration> m_insides;
    QMetaObject::Connection m_completion;
    Duration m_startedAt{};
    qint64 m_lastStarted = 0;
    bool m_isRunning = false;
    bool m_isPaused = false;
    QByteArray m_complaint;
};

} // namespace

class tst_SerialRateLimiter_model : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void L3_L4_randomRuns_data();
    void L3_L4_randomRuns();
};

void tst_SerialRateLimiter_model::L3_L4_randomRuns_data()
{
    QTest::addColumn<bool>("changesWindows");
    QTest::newRow("fixed windows") << false;
    QTest::newRow("changing windows") << true;
}

void tst_SerialRateLimiter_model::L3_L4_randomRuns()
{
    QFETCH(bool, changesWindows);
    for (quint64 seed = 1; seed <= 1500; ++seed) {
        Random random(seed);
        const QByteArray complaint = Run(random, changesWindows).execute();
        QVERIFY2(complaint.isEmpty(),
                 ("seed " + QByteArray::number(seed) + ": " + complaint).constData());
    }
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_model)

#include "tst_serialratelimiter_model.moc"
