// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The properties: values, bindings, bad values, and the bounded queue that two of them make.

#include "limiterfixture.h"

#include <Tactus/errors.h>

#include <QtCore/qmetaobject.h>
#include <QtCore/qproperty.h>
#include <QtTest/qsignalspy.h>

using namespace LimiterTest;

using Limits = QList<RateLimit>;
using Overflow = SerialRateLimiter::Overflow;
Q_DECLARE_METATYPE(std::function<void(Tactus::SerialRateLimiter *)>)

class tst_SerialRateLimiter_properties : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void defaults();
    void metaProperties();
    void ratePerAndLimitsStayInSync();
    void rateAndPerAreTheFirstWindow();
    void settersEmitOncePerChange();
    void bindings();
    void bindingOfRateAndPerFollowsForEver();
    void bindingOfLimitsFollowsForEver();
    void viewThatFollowsIsNoLongerBound();
    void bindingsToAndFromTheLimiter();
    void bindingOfPaused();
    void boundWindowsTakeEffect();
    void handlerOfOneViewSetsAnother();
    void windowIsAGadget();
    void L11_rejectNewest();
    void L11_dropOldest();
    void L11_dropOldestThatIsCanceled();
    void L11_signalsComeFromTheEventLoop();
    void L11_runningTaskDoesNotCount();
    void L11_loweringTheBoundDropsNothing();
    void L11_overflowKeepsTheOrder();
    void L11_continuationOfAnOverflowMayPush();
    void L18_badConstructorArguments_data();
    void L18_badConstructorArguments();
    void L18_badValues_data();
    void L18_badValues();
    void L18_badBindings();
    void L18_badBindingOfLimits();
    void L18_badHold();
};

void tst_SerialRateLimiter_properties::defaults()
{
    QObject parent;
    auto *const limiter = new SerialRateLimiter(&parent);
    QCOMPARE(limiter->parent(), &parent);
    QCOMPARE(limiter->rate(), 1);
    QCOMPARE(limiter->per(), 1s);
    QCOMPARE(limiter->limits(), Limits{ RateLimit(1, 1s) });
    QCOMPARE(limiter->margin(), 0s);
    QCOMPARE(limiter->maximumPending(), 0);
    QCOMPARE(limiter->overflow(), Overflow::RejectNewest);
    QCOMPARE(limiter->taskTimeout(), 0s);
    QCOMPARE(limiter->tolerance(), 1ms);
    QVERIFY(!limiter->isPaused());
    QVERIFY(!limiter->isBusy());
    QCOMPARE(limiter->pendingCount(), 0);
    QCOMPARE(limiter->completedCount() + limiter->failedCount() + limiter->canceledCount(), 0);
    QCOMPARE(limiter->estimatedWait(), 0s);
    QCOMPARE(limiter->clock(), Clock::system());

    ManualClock clock;
    Clock::setDefault(&clock);
    const SerialRateLimiter other(5, 1min, &parent);
    Clock::setDefault(nullptr);
    QCOMPARE(other.clock(), &clock);
    QCOMPARE(other.limits(), Limits{ RateLimit(5, 1min) });
}

void tst_SerialRateLimiter_properties::metaProperties()
{
    const auto check = [](const char *name, bool writable, bool bindable) {
        const QMetaObject &meta = SerialRateLimiter::staticMetaObject;
        const QMetaProperty property = meta.property(meta.indexOfProperty(name));
        QVERIFY2(property.isValid(), name);
        QCOMPARE(property.isWritable(), writable);
        QCOMPARE(property.isBindable(), bindable);
        QVERIFY2(property.hasNotifySignal(), name);
    };
    for (const char *name : { "rate", "per", "limits", "margin", "maximumPending", "overflow",
                              "taskTimeout", "tolerance", "paused" })
        check(name, true, true);
    check("busy", false, true);
    for (const char *name : { "pendingCount", "completedCount", "failedCount", "canceledCount" })
        check(name, false, false);
    SerialRateLimiter limiter;
    QVERIFY(limiter.bindableBusy().isReadOnly());
}

// All views have their values before any of them is told: what a handler sets is not taken for the same.
void tst_SerialRateLimiter_properties::handlerOfOneViewSetsAnother()
{
    SerialRateLimiter limiter(2, 5ns);
    bool wasConsistent = false;
    const QMetaObject::Connection once = connect(
            &limiter, &SerialRateLimiter::rateChanged, this, [&] {
                disconnect(once);
                wasConsistent = limiter.rate() == 1 && limiter.per() == 1ns;
                limiter.setPer(5ns);
            });
    limiter.setLimits({ RateLimit(1, 1ns) });
    QVERIFY(wasConsistent);
    QCOMPARE(limiter.limits(), Limits{ RateLimit(1, 5ns) });
    QCOMPARE(limiter.per(), Duration(5ns));
    QCOMPARE(limiter.rate(), 1);
}

// As QML sees it: per in milliseconds, and what is no duration is 0, which limiters refuse.
void tst_SerialRateLimiter_properties::windowIsAGadget()
{
    const QMetaObject &meta = RateLimit::staticMetaObject;
    const QMetaProperty rate = meta.property(meta.indexOfProperty("rate"));
    const QMetaProperty per = meta.property(meta.indexOfProperty("per"));
    RateLimit window(1, 1s);
    QVERIFY(rate.writeOnGadget(&window, 7));
    QVERIFY(per.writeOnGadget(&window, 0.25));
    QCOMPARE(window, RateLimit(7, 250us));
    QCOMPARE(per.readOnGadget(&window).toDouble(), 0.25);
    for (const double bad : { qQNaN(), qInf(), -qInf(), 1e300, -9.3e12 }) {
        window = RateLimit(1, 1s);
        QVERIFY(per.writeOnGadget(&window, bad));
        QCOMPARE(window.per(), Duration::zero());
    }
}

void tst_SerialRateLimiter_properties::ratePerAndLimitsStayInSync()
{
    SerialRateLimiter limiter;
    QSignalSpy rate(&limiter, &SerialRateLimiter::rateChanged);
    QSignalSpy per(&limiter, &SerialRateLimiter::perChanged);
    QSignalSpy limits(&limiter, &SerialRateLimiter::limitsChanged);
    const auto counts = [&] {
        const QList<qsizetype> seen = { rate.count(), per.count(), limits.count() };
        rate.clear();
        per.clear();
        limits.clear();
        return seen;
    };
    // At every signal all three agree.
    const auto agree = [&] {
        QCOMPARE(limiter.limits().first(), RateLimit(limiter.rate(), limiter.per()));
    };
    limiter.setRate(3);
    agree();
    QCOMPARE(counts(), (QList<qsizetype>{ 1, 0, 1 }));
    limiter.setPer(5s);
    agree();
    QCOMPARE(counts(), (QList<qsizetype>{ 0, 1, 1 }));
    limiter.setLimits({ RateLimit(7, 1min), RateLimit(9, 1h) });
    QCOMPARE(limiter.rate(), 7);
    QCOMPARE(limiter.per(), 1min);
    QCOMPARE(counts(), (QList<qsizetype>{ 1, 1, 1 }));
    limiter.setLimits({ RateLimit(7, 1min) });
    QCOMPARE(counts(), (QList<qsizetype>{ 0, 0, 1 }));
    limiter.setLimits({ RateLimit(7, 1min) });
    limiter.setRate(7);
    limiter.setPer(1min);
    QCOMPARE(counts(), (QList<qsizetype>{ 0, 0, 0 }));
}

void tst_SerialRateLimiter_properties::rateAndPerAreTheFirstWindow()
{
    SerialRateLimiter limiter;
    limiter.setLimits({ RateLimit(7, 1min), RateLimit(9, 1h) });
    limiter.setRate(2);
    limiter.setPer(2s);
    QCOMPARE(limiter.limits(), (Limits{ RateLimit(2, 2s), RateLimit(9, 1h) }));
}

void tst_SerialRateLimiter_properties::settersEmitOncePerChange()
{
    SerialRateLimiter limiter;
    const auto check = [&limiter](auto signal, auto set) {
        QSignalSpy spy(&limiter, signal);
        set();
        QCOMPARE(spy.count(), 1);
        set();
        QCOMPARE(spy.count(), 1);
    };
    check(&SerialRateLimiter::marginChanged, [&] { limiter.setMargin(1s); });
    check(&SerialRateLimiter::maximumPendingChanged, [&] { limiter.setMaximumPending(1); });
    check(&SerialRateLimiter::overflowChanged, [&] { limiter.setOverflow(Overflow::DropOldest); });
    check(&SerialRateLimiter::taskTimeoutChanged, [&] { limiter.setTaskTimeout(1s); });
    check(&SerialRateLimiter::toleranceChanged, [&] { limiter.setTolerance(1s); });
    check(&SerialRateLimiter::pausedChanged, [&] { limiter.pause(); });
    check(&SerialRateLimiter::pausedChanged, [&] { limiter.resume(); });
    check(&SerialRateLimiter::pausedChanged, [&] { limiter.setPaused(true); });
}

void tst_SerialRateLimiter_properties::bindings()
{
    SerialRateLimiter limiter;
    QProperty<qint64> source(1);
    auto seconds = [&source] { return Duration(std::chrono::seconds(source.value())); };
    limiter.bindableMargin().setBinding(seconds);
    limiter.bindableTaskTimeout().setBinding(seconds);
    limiter.bindableTolerance().setBinding(seconds);
    limiter.bindableMaximumPending().setBinding([&] { return qsizetype(source.value()); });
    limiter.bindableOverflow().setBinding(
            [&] { return source.value() > 1 ? Overflow::DropOldest : Overflow::RejectNewest; });
    QSignalSpy margin(&limiter, &SerialRateLimiter::marginChanged);
    QSignalSpy overflow(&limiter, &SerialRateLimiter::overflowChanged);
    for (int i = 2; i < 5; ++i) {
        source = i;
        QCOMPARE(limiter.margin(), i * 1s);
        QCOMPARE(limiter.taskTimeout(), i * 1s);
        QCOMPARE(limiter.tolerance(), i * 1s);
        QCOMPARE(limiter.maximumPending(), i);
        QCOMPARE(limiter.overflow(), Overflow::DropOldest);
    }
    QCOMPARE(margin.count(), 3);
    QCOMPARE(overflow.count(), 1);
    limiter.setMargin(9s); // ends its binding
    source = 1;
    QCOMPARE(limiter.margin(), 9s);
    QCOMPARE(limiter.tolerance(), 1s);
}

void tst_SerialRateLimiter_properties::bindingOfRateAndPerFollowsForEver()
{
    SerialRateLimiter limiter;
    limiter.setLimits({ RateLimit(1, 1s), RateLimit(100, 1h) });
    QProperty<int> rate(2);
    QProperty<Duration> per(2s);
    limiter.bindableRate().setBinding([&] { return rate.value(); });
    QCOMPARE(limiter.rate(), 2);
    limiter.bindablePer().setBinding([&] { return per.value(); });
    QCOMPARE(limiter.limits(), (Limits{ RateLimit(2, 2s), RateLimit(100, 1h) }));
    for (int i = 3; i < 6; ++i) {
        rate = i;
        QCOMPARE(limiter.rate(), i);
        per = i * 1s;
        QCOMPARE(limiter.limits(), (Limits{ RateLimit(i, i * 1s), RateLimit(100, 1h) }));
    }
    QVERIFY(limiter.bindableRate().hasBinding());
    QVERIFY(limiter.bindablePer().hasBinding());
}

void tst_SerialRateLimiter_properties::bindingOfLimitsFollowsForEver()
{
    SerialRateLimiter limiter;
    QProperty<int> rate(2);
    limiter.bindableLimits().setBinding([&] {
        return Limits{ RateLimit(rate.value(), 1s), RateLimit(100, 1h) };
    });
    for (int i = 2; i < 6; ++i) {
        rate = i;
        QCOMPARE(limiter.rate(), i);
        QCOMPARE(limiter.limits(), (Limits{ RateLimit(i, 1s), RateLimit(100, 1h) }));
    }
    QVERIFY(limiter.bindableLimits().hasBinding());
}

void tst_SerialRateLimiter_properties::viewThatFollowsIsNoLongerBound()
{
    SerialRateLimiter limiter;
    QProperty<int> rate(2);
    QProperty<Duration> per(2s);
    limiter.bindableRate().setBinding([&] { return rate.value(); });
    limiter.bindablePer().setBinding([&] { return per.value(); });
    const Limits limits{ RateLimit(5, 2s), RateLimit(100, 1h) };
    limiter.setLimits(limits);
    QVERIFY(!limiter.bindableRate().hasBinding());
    QVERIFY(limiter.bindablePer().hasBinding()); // has its value still
    rate = 9;
    QCOMPARE(limiter.limits(), limits);

    limiter.bindableLimits().setBinding([&] { return Limits{ RateLimit(rate.value(), 3s) }; });
    QCOMPARE(limiter.rate(), 9);
    QVERIFY(!limiter.bindablePer().hasBinding());
    limiter.setRate(7);
    QVERIFY(!limiter.bindableLimits().hasBinding());
    rate = 2;
    per = 1s;
    QCOMPARE(limiter.limits(), (Limits{ RateLimit(7, 3s) }));
}

void tst_SerialRateLimiter_properties::bindingsToAndFromTheLimiter()
{
    Fixture f;
    QProperty<bool> busy;
    busy.setBinding([&] { return f.limiter.isBusy(); });
    QList<bool> seen;
    const auto notifier = f.limiter.bindableBusy().addNotifier(
            [&] { seen.append(f.limiter.bindableBusy().value()); });
    QProperty<int> rate;
    rate.setBinding([&] { return f.limiter.rate(); });
    QProperty<qsizetype> windows;
    windows.setBinding([&] { return f.limiter.limits().size(); });

    Job<void> job;
    f.limiter.push(job.task());
    QVERIFY(!busy.value());
    f.settle();
    QVERIFY(busy.value());
    job.finish();
    f.settle();
    QVERIFY(!busy.value());
    QCOMPARE(seen, (QList<bool>{ true, false }));
    f.limiter.setLimits({ RateLimit(8, 1s), RateLimit(9, 1min) });
    QCOMPARE(rate.value(), 8);
    QCOMPARE(windows.value(), 2);
}

void tst_SerialRateLimiter_properties::bindingOfPaused()
{
    Fixture f;
    QProperty<bool> offline(true);
    f.limiter.bindablePaused().setBinding([&] { return offline.value(); });
    f.limiter.post([] {});
    f.clock.advance(1h);
    QVERIFY(f.log->lines.isEmpty());
    offline = false;
    QVERIFY(f.log->lines.isEmpty()); // L8
    f.settle();
    QCOMPARE(f.log->startedIds.size(), 1);
    offline = true;
    QVERIFY(f.limiter.isPaused());
}

void tst_SerialRateLimiter_properties::boundWindowsTakeEffect()
{
    Fixture f(1, 10s);
    QProperty<Duration> per(10s);
    f.limiter.bindablePer().setBinding([&] { return per.value(); });
    for (int i = 0; i < 4; ++i)
        f.limiter.post([] {});
    f.settle();
    per = 2s;
    f.clock.advance(2s);
    per = 3s;
    f.clock.advance(3s);
    QCOMPARE(f.log->starts, (QList<Duration>{ 0s, 2s, 5s }));
    per = 20s;
    f.clock.advance(20s);
    QCOMPARE(f.log->starts.last(), 25s);
}

void tst_SerialRateLimiter_properties::L11_rejectNewest()
{
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(2);
    const auto a = f.limiter.push([] {});
    const auto b = f.limiter.push([] {});
    auto c = f.limiter.push([] {});
    QVERIFY(!a.isFinished() && !b.isFinished());
    QVERIFY(c.isFinished());
    try {
        c.waitForFinished();
        QFAIL("no exception");
    } catch (const Tactus::QueueFullError &error) {
        QCOMPARE(error.maximumPending(), 2);
    }
    QCOMPARE(f.limiter.pendingCount(), 2);
    QCOMPARE(f.limiter.failedCount(), 1);
    f.limiter.resume();
    f.settle();
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 1, 2 }));
    QCOMPARE(f.log->messages, QStringList{ QString::fromUtf8(Tactus::QueueFullError(2).what()) });
    QCOMPARE(f.log->count("failed 3"), 1);
}

void tst_SerialRateLimiter_properties::L11_dropOldest()
{
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(2);
    f.limiter.setOverflow(Overflow::DropOldest);
    auto a = f.limiter.push([] {});
    const auto b = f.limiter.push([] {});
    f.settle(); // whatever the limiter arranges for tasks that wait has been arranged
    const auto c = f.limiter.push([] {});
    QVERIFY(a.isFinished());
    QVERIFY_THROWS_EXCEPTION(Tactus::QueueFullError, a.waitForFinished());
    QVERIFY(!b.isFinished() && !c.isFinished());
    QCOMPARE(f.limiter.pendingCount(), 2);
    QCOMPARE(f.limiter.failedCount(), 1);
    f.limiter.post([] {});
    f.limiter.resume();
    f.settle();
    QVERIFY_THROWS_EXCEPTION(Tactus::QueueFullError, QFuture<void>(b).waitForFinished());
    QCOMPARE(f.log->lines, (QByteArrayList{ "failed 1", "failed 2", "started 3", "completed 3",
                                            "started 4", "completed 4", "drained" }));
}

void tst_SerialRateLimiter_properties::L11_dropOldestThatIsCanceled()
{
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(1);
    f.limiter.setOverflow(Overflow::DropOldest);
    auto first = f.limiter.push([] {});
    first.cancel();
    f.limiter.post([] {});
    QVERIFY(wasCanceled(first));
    QCOMPARE(f.limiter.canceledCount(), 1);
    QCOMPARE(f.limiter.failedCount(), 0);
    f.settle();
    QCOMPARE(f.log->take(), QByteArrayList{ "canceled 1" });
}

void tst_SerialRateLimiter_properties::L11_signalsComeFromTheEventLoop()
{
    for (const Overflow overflow : { Overflow::RejectNewest, Overflow::DropOldest }) {
        Fixture f;
        f.limiter.pause();
        f.limiter.setMaximumPending(1);
        f.limiter.setOverflow(overflow);
        QSignalSpy failed(&f.limiter, &SerialRateLimiter::failedCountChanged);
        f.limiter.post([] {});
        f.limiter.post([] {});
        QVERIFY(f.log->lines.isEmpty());
        QCOMPARE(failed.count(), 0);
        f.settle();
        QCOMPARE(f.log->lines.size(), 1);
        QCOMPARE(failed.count(), 1);
    }
}

void tst_SerialRateLimiter_properties::L11_runningTaskDoesNotCount()
{
    Fixture f;
    f.limiter.setMaximumPending(1);
    Job<void> job;
    f.limiter.push(job.task());
    f.settle();
    const auto waiting = f.limiter.push([] {});
    QVERIFY(!waiting.isFinished());
    const auto rejected = f.limiter.push([] {});
    QVERIFY(rejected.isFinished());
    job.finish();
    f.settle();
    QVERIFY(!f.limiter.push([] {}).isFinished());
    f.settle();
    QCOMPARE(f.limiter.completedCount(), 3);
}

void tst_SerialRateLimiter_properties::L11_loweringTheBoundDropsNothing()
{
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(5);
    for (int i = 0; i < 5; ++i)
        f.limiter.post([] {});
    f.limiter.setMaximumPending(2);
    f.settle();
    QCOMPARE(f.limiter.pendingCount(), 5);
    QVERIFY(f.limiter.push([] {}).isFinished());
    f.limiter.setOverflow(Overflow::DropOldest);
    f.limiter.push([] {});
    QCOMPARE(f.limiter.pendingCount(), 5); // the newest for the oldest
    f.limiter.setMaximumPending(0);
    f.limiter.push([] {});
    QCOMPARE(f.limiter.pendingCount(), 6);
    f.limiter.resume();
    f.settle();
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 2, 3, 4, 5, 7, 8 }));
}

void tst_SerialRateLimiter_properties::L11_overflowKeepsTheOrder()
{
    Fixture f(1, 1s);
    f.limiter.setMaximumPending(3);
    f.limiter.setOverflow(Overflow::DropOldest);
    for (int i = 0; i < 10; ++i)
        f.limiter.post([] {});
    f.clock.advance(1min);
    QCOMPARE(f.log->startedIds, (QList<qint64>{ 8, 9, 10 }));
    QCOMPARE(f.limiter.failedCount(), 7);
}

void tst_SerialRateLimiter_properties::L11_continuationOfAnOverflowMayPush()
{
    // Such a future finishes inside push(): a continuation that pushes once more must find the
    // queue in order, and no lock held.
    Fixture f;
    f.limiter.pause();
    f.limiter.setMaximumPending(1);
    f.limiter.setOverflow(Overflow::DropOldest);
    int again = 0;
    const auto done = f.limiter.push([] {}).onFailed([&] {
        ++again;
        f.limiter.post([] {});
        f.limiter.clear();
        f.limiter.post([] {});
    });
    f.limiter.post([] {});
    QCOMPARE(again, 1);
    QCOMPARE(f.limiter.pendingCount(), 1);
    f.limiter.resume();
    f.settle();
    QCOMPARE(f.log->startedIds, QList<qint64>{ 4 });
    QCOMPARE(f.limiter.failedCount(), 2);
    QCOMPARE(f.limiter.canceledCount(), 1);
}

void tst_SerialRateLimiter_properties::L18_badConstructorArguments_data()
{
    QTest::addColumn<int>("rate");
    QTest::addColumn<Duration>("per");
    QTest::addColumn<QByteArray>("warning");
    QTest::newRow("rate 0") << 0 << Duration(1s) << QByteArray("rate.* 0 ");
    QTest::newRow("rate -3") << -3 << Duration(1s) << QByteArray("rate.* -3 ");
    QTest::newRow("per 0") << 1 << Duration(0) << QByteArray("period.* 0 ns");
    QTest::newRow("per -1") << 1 << Duration(-1) << QByteArray("period.* -1 ns");
}

void tst_SerialRateLimiter_properties::L18_badConstructorArguments()
{
    QFETCH(int, rate);
    QFETCH(Duration, per);
    QFETCH(QByteArray, warning);
    expectWarning(warning.constData());
    const SerialRateLimiter limiter(rate, per);
    QCOMPARE(limiter.limits(), Limits{ RateLimit(1, 1s) });
}

void tst_SerialRateLimiter_properties::L18_badValues_data()
{
    using Set = std::function<void(SerialRateLimiter *)>;
    QTest::addColumn<Set>("set");
    QTest::addColumn<QByteArray>("warning");
    const auto row = [](const char *name, const Set &set, const char *warning) {
        QTest::newRow(name) << set << QByteArray(warning);
    };
    using L = SerialRateLimiter;
    row(
            "rate 0", [](L *l) { l->setRate(0); }, "setRate.* 0 ");
    row(
            "rate -7", [](L *l) { l->setRate(-7); }, "setRate.* -7 ");
    row(
            "per 0", [](L *l) { l->setPer(0s); }, "setPer.* 0 ns");
    row(
            "per -5", [](L *l) { l->setPer(-5ns); }, "setPer.* -5 ns");
    row(
            "no window", [](L *l) { l->setLimits({}); }, "setLimits.*window");
    row(
            "limits, rate 0",
            [](L *l) {
                l->setLimits({ RateLimit(1, 1s), RateLimit(0, 1s) });
            },
            "setLimits.* 0 ");
    row(
            "limits, per -2",
            [](L *l) {
                l->setLimits({ RateLimit(1, 1s), RateLimit(1, -2ns) });
            },
            "setLimits.* -2 ns");
    row(
            "limits, default", [](L *l) { l->setLimits({ RateLimit() }); }, "setLimits.* 0 ");
    row(
            "margin", [](L *l) { l->setMargin(-3ns); }, "setMargin.* -3 ns");
    row(
            "maximumPending", [](L *l) { l->setMaximumPending(-4); }, "setMaximumPending.* -4 ");
    row(
            "overflow", [](L *l) { l->setOverflow(Overflow(42)); }, "setOverflow.* 42 ");
    row(
            "taskTimeout", [](L *l) { l->setTaskTimeout(-1s); }, "setTaskTimeout.* -1000000000 ns");
    row(
            "tolerance", [](L *l) { l->setTolerance(-1ns); }, "setTolerance.* -1 ns");
    row(
            "bindable rate", [](L *l) { l->bindableRate().setValue(0); }, "rate.* 0 ");
    row(
            "bindable per", [](L *l) { l->bindablePer().setValue(-5ns); }, "per.* -5 ns");
    row(
            "bindable limits", [](L *l) { l->bindableLimits().setValue({}); }, "limits.*window");
    row(
            "bindable margin", [](L *l) { l->bindableMargin().setValue(-3ns); }, "margin.* -3 ns");
    row(
            "bindable bound", [](L *l) { l->bindableMaximumPending().setValue(-4); },
            "maximumPending.* -4 ");
    row(
            "bindable overflow", [](L *l) { l->bindableOverflow().setValue(Overflow(42)); },
            "overflow.* 42 ");
    row(
            "bindable taskTimeout", [](L *l) { l->bindableTaskTimeout().setValue(-1ns); },
            "taskTimeout.* -1 ns");
    row(
            "bindable tolerance", [](L *l) { l->bindableTolerance().setValue(-1ns); },
            "tolerance.* -1 ns");
    row(
            "holdFor", [](L *l) { l->holdFor(-6ns); }, "holdFor.* -6 ns");
}

void tst_SerialRateLimiter_properties::L18_badValues()
{
    QFETCH(std::function<void(Tactus::SerialRateLimiter *)>, set);
    QFETCH(QByteArray, warning);
    SerialRateLimiter limiter;
    const Limits limits = { RateLimit(4, 4s), RateLimit(5, 5s) };
    limiter.setLimits(limits);
    limiter.setMargin(6s);
    limiter.setMaximumPending(7);
    limiter.setOverflow(Overflow::DropOldest);
    limiter.setTaskTimeout(8s);
    limiter.setTolerance(9s);
    int signals = 0;
    const auto count = [&] { ++signals; };
    connect(&limiter, &SerialRateLimiter::rateChanged, this, count);
    connect(&limiter, &SerialRateLimiter::perChanged, this, count);
    connect(&limiter, &SerialRateLimiter::limitsChanged, this, count);
    connect(&limiter, &SerialRateLimiter::marginChanged, this, count);
    connect(&limiter, &SerialRateLimiter::maximumPendingChanged, this, count);
    connect(&limiter, &SerialRateLimiter::overflowChanged, this, count);
    connect(&limiter, &SerialRateLimiter::taskTimeoutChanged, this, count);
    connect(&limiter, &SerialRateLimiter::toleranceChanged, this, count);

    expectWarning(warning.constData());
    set(&limiter);

    QCOMPARE(signals, 0);
    QCOMPARE(limiter.limits(), limits);
    QCOMPARE(limiter.rate(), 4);
    QCOMPARE(limiter.per(), 4s);
    QCOMPARE(limiter.margin(), 6s);
    QCOMPARE(limiter.maximumPending(), 7);
    QCOMPARE(limiter.overflow(), Overflow::DropOldest);
    QCOMPARE(limiter.taskTimeout(), 8s);
    QCOMPARE(limiter.tolerance(), 9s);
    QCOMPARE(limiter.estimatedWait(), 0s);
}

void tst_SerialRateLimiter_properties::L18_badBindings()
{
    SerialRateLimiter limiter;
    QProperty<int> source(2);
    auto seconds = [&] { return Duration(std::chrono::seconds(source.value())); };
    limiter.bindableMargin().setBinding(seconds);
    QCOMPARE(limiter.margin(), 2s);
    expectWarning("margin.* -1000000000 ns");
    source = -1;
    QCOMPARE(limiter.margin(), 2s);
    QVERIFY(limiter.bindableMargin().hasBinding());
    source = 3; // the binding is still there
    QCOMPARE(limiter.margin(), 3s);

    SerialRateLimiter other;
    QProperty<int> rate(2);
    other.bindableRate().setBinding([&] { return rate.value(); });
    expectWarning("rate.* 0 ");
    rate = 0;
    QCOMPARE(other.rate(), 2);
    QCOMPARE(other.limits(), Limits{ RateLimit(2, 1s) });
    rate = 3;
    QCOMPARE(other.rate(), 3);
    QCOMPARE(other.limits(), Limits{ RateLimit(3, 1s) });
}

void tst_SerialRateLimiter_properties::L18_badBindingOfLimits()
{
    SerialRateLimiter limiter;
    QProperty<int> rate(2);
    limiter.bindableLimits().setBinding([&] { return Limits{ RateLimit(rate.value(), 1s) }; });
    expectWarning("limits.* -1 ");
    rate = -1;
    QCOMPARE(limiter.limits(), Limits{ RateLimit(2, 1s) });
    QCOMPARE(limiter.rate(), 2);
    rate = 5;
    QCOMPARE(limiter.limits(), Limits{ RateLimit(5, 1s) });
    QCOMPARE(limiter.rate(), 5);
}

void tst_SerialRateLimiter_properties::L18_badHold()
{
    Fixture f;
    f.limiter.holdFor(10s);
    expectWarning("holdFor.* -20000000000 ns");
    f.limiter.holdFor(-20s);
    QCOMPARE(f.limiter.estimatedWait(), 10s);
}

QTEST_GUILESS_MAIN(tst_SerialRateLimiter_properties)

#include "tst_serialratelimiter_properties.moc"
