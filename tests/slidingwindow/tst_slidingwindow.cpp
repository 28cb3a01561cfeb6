// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "instantmath_p.h"
#include "slidingwindow_p.h"

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using Instant = Clock::Instant;

namespace {

// The largest block that was asked for: a ring that grows without bound shows here.
size_t largestBlock = 0;

} // namespace

#ifndef __SANITIZE_THREAD__ // whose model of Qt has a heap of its own; then nothing is counted
void *operator new(size_t size)
{
    largestBlock = std::max(largestBlock, size);
    if (void *const block = std::malloc(size))
        return block;
    throw std::bad_alloc();
}

void operator delete(void *block) noexcept
{
    std::free(block);
}

void operator delete(void *block, size_t) noexcept
{
    std::free(block);
}
#endif

namespace {

Instant at(Duration sinceEpoch)
{
    return Instant(sinceEpoch);
}

qint64 ns(Instant instant)
{
    return instant.time_since_epoch().count();
}

// L3 and L13 once more, over a plain list of all completions there ever were.
class Model
{
public:
    explicit Model(const QList<RateLimit> &limits)
        : m_limits(limits)
    {
    }

    void setLimits(const QList<RateLimit> &limits)
    {
        // What the old rates did not ask for is not kept.
        const qsizetype lost = total() - std::min(total(), m_kept);
        for (qsizetype i = 0; i < lost; ++i)
            m_effective[i] = m_effective[lost];
        m_limits = limits;
        m_kept = std::min(total(), largestRate());
    }
    void setMargin(Duration margin) { m_margin = margin; }

    void record(Instant completion)
    {
        m_completions.push_back(completion);
        m_effective.push_back(completion);
        m_kept = std::min(m_kept + 1, largestRate());
    }

    Instant earliestStart() const
    {
        Instant start = Instant::min();
        for (const RateLimit &limit : m_limits) {
            if (limit.rate() <= total()) {
                start = std::max(start,
                                 m_effective[total() - limit.rate()] + limit.per() + m_margin);
            }
        }
        return start;
    }

    // Whether a task that completes next keeps L3 (and the margin) with what really happened.
    bool permits(Instant completion) const
    {
        return std::all_of(m_limits.begin(), m_limits.end(), [&](const RateLimit &limit) {
            return limit.rate() > total()
                   || completion - m_completions[total() - limit.rate()] >= limit.per() + m_margin;
        });
    }

    // The first start behind others that take no time.
    Instant earliestStartBehind(qint64 ahead, Instant from) const
    {
        Model copy = *this;
        for (qint64 task = 0; task < ahead; ++task)
            copy.record(std::max(from, copy.earliestStart()));
        return std::max(from, copy.earliestStart());
    }

    const QList<RateLimit> &limits() const { return m_limits; }
    const QList<Instant> &completions() const { return m_completions; }

private:
    qsizetype total() const { return m_completions.size(); }
    qsizetype largestRate() const
    {
        qsizetype largest = 0;
        for (const RateLimit &limit : m_limits)
            largest = std::max<qsizetype>(largest, limit.rate());
        return largest;
    }

    QList<RateLimit> m_limits;
    Duration m_margin{};
    QList<Instant> m_completions;
    QList<Instant> m_effective; // what each counts as, after changes of the limits
    qsizetype m_kept = 0;
};

// No half-open interval [t, t + per) holds more than `rate` of the completions from `first` on,
// counted for every t at which one begins. Completions before `first` count with them.
bool keepsRate(const QList<Instant> &completions, const RateLimit &limit, qsizetype first = 0)
{
    for (qsizetype begin = 0; begin < completions.size(); ++begin) {
        const Instant end = completions[begin] + limit.per();
        qsizetype inside = 0;
        qsizetype i = begin;
        for (; i < completions.size() && completions[i] < end; ++i)
            ++inside;
        if (inside > limit.rate() && i > first)
            return false;
    }
    return true;
}

class Random
{
public:
    explicit Random(quint32 seed)
        : m_engine(seed)
    {
    }
    qint64 pick(qint64 low, qint64 high)
    {
        return std::uniform_int_distribution<qint64>(low, high)(m_engine);
    }
    bool oneIn(qint64 n) { return pick(1, n) == 1; }

    QList<RateLimit> limits(int highestRate = 12)
    {
        QList<RateLimit> limits;
        for (qint64 window = pick(1, 3); window > 0; --window)
            limits.append(RateLimit(static_cast<int>(pick(1, highestRate)), Duration(pick(1, 200))));
        return limits;
    }

private:
    std::mt19937 m_engine;
};

void addSeeds(quint32 count)
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= count; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

} // namespace

class tst_SlidingWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void L3_agreesWithAListOfAllCompletions_data() { addSeeds(8); }
    void L3_agreesWithAListOfAllCompletions();
    void L3_startWaitsForTheRateThLastCompletion();
    void L3_marginIsAddedToEveryWindow();
    void L3_largestRatesAgreeWithTheList_data() { addSeeds(4); }
    void L3_largestRatesAgreeWithTheList();
    void L3_enormousRateHoldsBoundedMemory();
    void L3_smallRateHoldsLittleMemory();
    void L3_enormousRateConstrainsNothing();
    void L3_marginThatGrowsFindsPrunedCompletions();

    void L4_startIsNotLaterThanPermitted_data() { addSeeds(4); }
    void L4_startIsNotLaterThanPermitted();
    void L4_nothingConstrainsTheFirst();

    void L13_agreesWithAListOfAllCompletions_data() { addSeeds(8); }
    void L13_agreesWithAListOfAllCompletions();
    void L13_moreThanWasKeptCountsAsTheOldestKept();
    void L13_neverHappenedConstrainsNothing();
    void L13_lowerRateUsesTheRecentOnes();
    void L13_longerWindowHoldsForWhatWasKept();
    void L13_lostOnesLeaveFirst();
    void L13_prunedOnesCountAsTheOldestKept();

    void estimate_agreesWithTasksThatTakeNoTime_data() { addSeeds(8); }
    void estimate_agreesWithTasksThatTakeNoTime();
    void estimate_takesNoMemory();
    void estimate_ofAMillionIsExact();

    void shift_movesEverything();
    void shift_movesTheLostOnes();
    void C3_saturatesToNever();
};

void tst_SlidingWindow::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_SlidingWindow::L3_agreesWithAListOfAllCompletions()
{
    QFETCH(quint32, seed);
    Random random(seed);
    for (int limiter = 0; limiter < 400; ++limiter) {
        const QList<RateLimit> limits = random.limits();
        const Duration margin(random.oneIn(2) ? random.pick(0, 30) : 0);
        SlidingWindow window(limits);
        Model model(limits);
        window.setMargin(margin);
        model.setMargin(margin);
        QCOMPARE(window.limits(), limits);

        Instant now = at(Duration(random.pick(-500, 500)));
        for (int task = 0; task < 60; ++task) {
            QCOMPARE(ns(window.earliestStart()), ns(model.earliestStart()));
            now = std::max(now, window.earliestStart());
            QVERIFY(model.permits(now));
            // Most tasks start at once and are short, as only that puts a window to the test.
            if (random.oneIn(4))
                now += Duration(random.pick(0, 100));
            window.record(now);
            model.record(now);
        }
        for (const RateLimit &limit : limits)
            QVERIFY(keepsRate(model.completions(), RateLimit(limit.rate(), limit.per() + margin)));
    }
}

//   rate 3:   10    20 30     45
//                    |<-- 100 -->|     20 is the third last: 120
void tst_SlidingWindow::L3_startWaitsForTheRateThLastCompletion()
{
    SlidingWindow window({ RateLimit(3, 100ns) });
    for (const Duration completion : { 10ns, 20ns, 30ns, 45ns })
        window.record(at(completion));
    QCOMPARE(ns(window.earliestStart()), 120);
}

void tst_SlidingWindow::L3_marginIsAddedToEveryWindow()
{
    SlidingWindow window({ RateLimit(1, 10ns), RateLimit(2, 100ns) });
    window.setMargin(5ns);
    window.record(at(0ns));
    QCOMPARE(ns(window.earliestStart()), 15);
    window.record(at(15ns));
    QCOMPARE(ns(window.earliestStart()), 105);
    window.setMargin(0ns);
    QCOMPARE(ns(window.earliestStart()), 100);
}

// Rates beyond what the ring always keeps: it drops by age, which may not show.
void tst_SlidingWindow::L3_largestRatesAgreeWithTheList()
{
    QFETCH(quint32, seed);
    Random random(seed);
    const QList<RateLimit> limits = { RateLimit(static_cast<int>(random.pick(1025, 3000)), 2000ns),
                                      RateLimit(static_cast<int>(random.pick(1, 900)), 500ns) };
    SlidingWindow window(limits);
    Model model(limits);
    Instant now = at(0ns);
    for (int task = 0; task < 12000; ++task) {
        // Only what lies ahead matters: dropped completions are all in the past.
        QCOMPARE(ns(std::max(now, window.earliestStart())),
                 ns(std::max(now, model.earliestStart())));
        now = std::max(now, window.earliestStart());
        if (random.oneIn(20))
            now += Duration(random.pick(0, 30));
        if (random.oneIn(2000))
            now += Duration(random.pick(0, 4000));
        window.record(now);
        model.record(now);
    }
    for (const RateLimit &limit : limits)
        QVERIFY(keepsRate(model.completions(), limit));
}

void tst_SlidingWindow::L3_enormousRateHoldsBoundedMemory()
{
    SlidingWindow window(
            { RateLimit(std::numeric_limits<int>::max(), 1us), RateLimit(1'000'000'000, 2us) });
    largestBlock = 0;
    for (qint64 task = 0; task < 2'000'000; ++task) {
        window.record(at(Duration(task)));
        QVERIFY(window.earliestStart() == Instant::min());
    }
    // 2 us hold 2000 completions of 8 bytes. Without pruning the ring would ask for 16 MB.
    QVERIFY2(largestBlock < 256 * 1024,
             QByteArray::number(static_cast<qint64>(largestBlock)).constData());
}

void tst_SlidingWindow::L3_smallRateHoldsLittleMemory()
{
    SlidingWindow window({ RateLimit(1, 1us) });
    largestBlock = 0;
    for (qint64 task = 0; task < 10'000; ++task)
        window.record(at(Duration(task)));
    QVERIFY2(largestBlock <= 256, QByteArray::number(static_cast<qint64>(largestBlock)).constData());
}

void tst_SlidingWindow::L3_enormousRateConstrainsNothing()
{
    SlidingWindow window({ RateLimit(std::numeric_limits<int>::max(), 1h) });
    for (qint64 task = 0; task < 5000; ++task)
        window.record(at(0ns));
    QCOMPARE(ns(window.earliestStart()), ns(Instant::min()));
    QCOMPARE(ns(window.earliestStartBehind(1000, at(5ns))), 5);
}

// 2000 tasks at 0, more 1.5 windows later, so that the old ones are dropped. With a longer margin
// they are not old any more.
void tst_SlidingWindow::L3_marginThatGrowsFindsPrunedCompletions()
{
    SlidingWindow window({ RateLimit(2000, 1000ns) });
    for (int task = 0; task < 2000; ++task)
        window.record(at(0ns));
    for (int task = 0; task < 500; ++task)
        window.record(at(1500ns));
    QVERIFY(window.earliestStart() <= at(1500ns));
    window.setMargin(9000ns);
    QVERIFY2(window.earliestStart() >= at(10000ns),
             QByteArray::number(ns(window.earliestStart())).constData());
}

void tst_SlidingWindow::L4_startIsNotLaterThanPermitted()
{
    QFETCH(quint32, seed);
    Random random(1000 + seed);
    for (int limiter = 0; limiter < 400; ++limiter) {
        const QList<RateLimit> limits = random.limits();
        SlidingWindow window(limits);
        Model model(limits);
        Instant now = at(0ns);
        for (int task = 0; task < 60; ++task) {
            const Instant start = window.earliestStart();
            if (start != Instant::min()) {
                QVERIFY(model.permits(start));
                QVERIFY(!model.permits(start - 1ns));
            } else {
                QVERIFY(model.permits(now));
            }
            now = std::max(now, start) + Duration(random.oneIn(3) ? random.pick(0, 50) : 0);
            window.record(now);
            model.record(now);
        }
    }
}

void tst_SlidingWindow::L4_nothingConstrainsTheFirst()
{
    SlidingWindow window({ RateLimit(2, 1h) });
    QCOMPARE(ns(window.earliestStart()), ns(Instant::min()));
    window.record(at(0ns));
    QCOMPARE(ns(window.earliestStart()), ns(Instant::min()));
    window.record(at(0ns));
    QCOMPARE(window.earliestStart(), at(1h));
}

void tst_SlidingWindow::L13_agreesWithAListOfAllCompletions()
{
    QFETCH(quint32, seed);
    Random random(2000 + seed);
    for (int limiter = 0; limiter < 400; ++limiter) {
        QList<RateLimit> limits = random.limits();
        SlidingWindow window(limits);
        Model model(limits);
        qsizetype changedAt = 0;
        Instant now = at(Duration(random.pick(-500, 500)));
        for (int task = 0; task < 120; ++task) {
            if (random.oneIn(8)) {
                for (const RateLimit &limit : limits)
                    QVERIFY(keepsRate(model.completions(), limit, changedAt));
                // Twice in a row, too: what was lost the first time stays lost.
                limits = random.limits(random.oneIn(4) ? 60 : 12);
                window.setLimits(limits);
                model.setLimits(limits);
                changedAt = model.completions().size();
            }
            if (random.oneIn(20)) {
                const Duration margin(random.pick(0, 30));
                window.setMargin(margin);
                model.setMargin(margin);
                changedAt = model.completions().size();
            }
            QCOMPARE(ns(window.earliestStart()), ns(model.earliestStart()));
            now = std::max(now, window.earliestStart());
            QVERIFY(model.permits(now));
            if (random.oneIn(3))
                now += Duration(random.pick(0, 100));
            window.record(now);
            model.record(now);
        }
        for (const RateLimit &limit : limits)
            QVERIFY(keepsRate(model.completions(), limit, changedAt));
    }
}

void tst_SlidingWindow::L13_moreThanWasKeptCountsAsTheOldestKept()
{
    SlidingWindow window({ RateLimit(2, 10ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns, 30ns })
        window.record(at(completion));
    // 20 and 30 were kept; 0 and 10 count as if they had been at 20.
    window.setLimits({ RateLimit(4, 100ns) });
    QCOMPARE(ns(window.earliestStart()), 120);
    window.setLimits({ RateLimit(3, 100ns) });
    QCOMPARE(ns(window.earliestStart()), 120);
}

void tst_SlidingWindow::L13_neverHappenedConstrainsNothing()
{
    SlidingWindow window({ RateLimit(2, 10ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns, 30ns })
        window.record(at(completion));
    window.setLimits({ RateLimit(5, 100ns) });
    QCOMPARE(ns(window.earliestStart()), ns(Instant::min()));
    // From the fifth on there are five.
    window.record(at(31ns));
    QCOMPARE(ns(window.earliestStart()), 120);

    SlidingWindow unused({ RateLimit(1, 10ns) });
    unused.setLimits({ RateLimit(5, 100ns) });
    QCOMPARE(ns(unused.earliestStart()), ns(Instant::min()));
    unused.record(at(-50ns));
    QCOMPARE(ns(unused.earliestStart()), ns(Instant::min()));
}

void tst_SlidingWindow::L13_lowerRateUsesTheRecentOnes()
{
    SlidingWindow window({ RateLimit(5, 100ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns, 30ns, 40ns })
        window.record(at(completion));
    window.setLimits({ RateLimit(2, 100ns) });
    QCOMPARE(ns(window.earliestStart()), 130);
    // Two were kept, so the rest counts as the older of the two from here on.
    window.setLimits({ RateLimit(5, 100ns) });
    QCOMPARE(ns(window.earliestStart()), 130);
}

void tst_SlidingWindow::L13_longerWindowHoldsForWhatWasKept()
{
    SlidingWindow window({ RateLimit(2, 10ns), RateLimit(3, 20ns) });
    for (const Duration completion : { 0ns, 1ns, 20ns })
        window.record(at(completion));
    window.setLimits({ RateLimit(3, 1000ns) });
    QCOMPARE(ns(window.earliestStart()), 1000);
    window.setLimits({ RateLimit(3, 5ns), RateLimit(1, 7ns) });
    QCOMPARE(ns(window.earliestStart()), 27);
}

// Each new completion pushes one of those out that count as the oldest kept.
void tst_SlidingWindow::L13_lostOnesLeaveFirst()
{
    SlidingWindow window({ RateLimit(1, 1ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns })
        window.record(at(completion));
    window.setLimits({ RateLimit(3, 100ns) }); // as if 20, 20, 20
    QCOMPARE(ns(window.earliestStart()), 120);
    window.record(at(30ns));
    QCOMPARE(ns(window.earliestStart()), 120);
    window.record(at(40ns));
    QCOMPARE(ns(window.earliestStart()), 120);
    window.record(at(50ns));
    QCOMPARE(ns(window.earliestStart()), 130);
}

void tst_SlidingWindow::L13_prunedOnesCountAsTheOldestKept()
{
    SlidingWindow window({ RateLimit(5000, 100ns) });
    for (qint64 task = 0; task < 5000; ++task)
        window.record(at(Duration(task)));
    window.setLimits({ RateLimit(4000, 100us) });
    // The 4000th last was at 1000, and what happened may only be taken for later than it was.
    QVERIFY(window.earliestStart() >= at(1000ns + 100us));
    QVERIFY(window.earliestStart() < at(5000ns + 100us));
}

void tst_SlidingWindow::estimate_agreesWithTasksThatTakeNoTime()
{
    QFETCH(quint32, seed);
    Random random(3000 + seed);
    for (int limiter = 0; limiter < 200; ++limiter) {
        const QList<RateLimit> limits = random.limits();
        SlidingWindow window(limits);
        Model model(limits);
        const Duration margin(random.pick(0, 20));
        window.setMargin(margin);
        model.setMargin(margin);
        Instant now = at(Duration(random.pick(-500, 500)));
        for (int task = 0; task < 40; ++task) {
            if (random.oneIn(3)) {
                const qint64 ahead = random.pick(0, 60);
                const Instant from = now + Duration(random.oneIn(2) ? random.pick(0, 300) : 0);
                QCOMPARE(ns(window.earliestStartBehind(ahead, from)),
                         ns(model.earliestStartBehind(ahead, from)));
                Model running = model; // another task, that completes before `from`
                const Instant next = std::min(now, from);
                running.record(next);
                QCOMPARE(ns(window.earliestStartBehind(ahead, from, next)),
                         ns(running.earliestStartBehind(ahead, from)));
            }
            if (random.oneIn(10)) {
                const QList<RateLimit> changed = random.limits(30);
                window.setLimits(changed);
                model.setLimits(changed);
            }
            now = std::max(now, window.earliestStart()) + Duration(random.pick(0, 30));
            window.record(now);
            model.record(now);
        }
    }
}

void tst_SlidingWindow::estimate_takesNoMemory()
{
    SlidingWindow window({ RateLimit(5000, 1s) });
    for (qint64 task = 0; task < 5000; ++task)
        window.record(at(Duration(task)));
    largestBlock = 0;
    QCOMPARE(window.earliestStartBehind(0, at(1ms), at(1ms)), at(1s + 1ns));
    QCOMPARE(largestBlock, std::size_t(0));
}

void tst_SlidingWindow::estimate_ofAMillionIsExact()
{
    SlidingWindow one({ RateLimit(10, 1s) });
    QCOMPARE(one.earliestStartBehind(1'000'000, at(3ns)), at(100'000s + 3ns));
    QCOMPARE(one.earliestStartBehind(999'999, at(3ns)), at(99'999s + 3ns));

    SlidingWindow two({ RateLimit(10, 1s), RateLimit(100, 1min) });
    QCOMPARE(two.earliestStartBehind(1'000'000, at(0ns)), at(10'000min));
    QCOMPARE(two.earliestStartBehind(1'000'099, at(0ns)), at(10'000min + 9s));
}

void tst_SlidingWindow::shift_movesEverything()
{
    SlidingWindow window({ RateLimit(2, 100ns), RateLimit(3, 120ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns, 30ns })
        window.record(at(completion));
    QCOMPARE(ns(window.earliestStart()), 130);
    window.shift(1000ns);
    QCOMPARE(ns(window.earliestStart()), 1130);
    window.shift(-5000ns);
    QCOMPARE(ns(window.earliestStart()), -3870);
    window.record(at(-3870ns));
    QCOMPARE(ns(window.earliestStart()), -3860); // 30 has become -3970 and 20 -3980
}

void tst_SlidingWindow::shift_movesTheLostOnes()
{
    SlidingWindow window({ RateLimit(1, 1ns) });
    for (const Duration completion : { 0ns, 10ns, 20ns })
        window.record(at(completion));
    window.setLimits({ RateLimit(3, 100ns) });
    window.shift(1s);
    QCOMPARE(window.earliestStart(), at(1s + 120ns));
    // And what never happened still constrains nothing.
    window.setLimits({ RateLimit(4, 100ns) });
    window.shift(1s);
    QCOMPARE(ns(window.earliestStart()), ns(Instant::min()));
}

void tst_SlidingWindow::C3_saturatesToNever()
{
    constexpr Duration Longest = Duration::max();
    SlidingWindow window({ RateLimit(1, Longest) });
    window.record(at(1ns));
    QCOMPARE(ns(window.earliestStart()), ns(Never));
    QCOMPARE(ns(window.earliestStartBehind(7, at(2ns))), ns(Never));

    window.setLimits({ RateLimit(1, Longest / 2), RateLimit(2, Longest) });
    QCOMPARE(window.earliestStart(), at(1ns + Longest / 2));
    QCOMPARE(ns(window.earliestStartBehind(1'000, at(2ns))), ns(Never));
    window.setMargin(Longest / 2 + 2ns);
    QCOMPARE(ns(window.earliestStart()), ns(Never));

    // Nor does the arithmetic wrap at the other end, where windows reach back before all time.
    SlidingWindow early({ RateLimit(2000, Longest) });
    early.setMargin(1ns);
    for (int task = 0; task < 2000; ++task)
        early.record(Instant::min() + 1ns);
    QVERIFY(early.earliestStart() < at(1ns));
    QVERIFY(early.earliestStart() > Instant::min() + 1h);
}

QTEST_GUILESS_MAIN(tst_SlidingWindow)
#include "tst_slidingwindow.moc"
