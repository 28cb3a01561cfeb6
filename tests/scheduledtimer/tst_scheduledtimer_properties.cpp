// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Properties: getters, setters, NOTIFY signals, bindings to and from them, and bad values.

#include "signallog.h"
#include "virtualtimer.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qproperty.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <functional>

using namespace std::chrono_literals;
using namespace Tactus;
using ErrorPolicy = ScheduledTimer::ErrorPolicy;
using Policy = ScheduledTimer::Policy;

namespace {

// What the tests below do with every property that can be set, whatever its type.
struct SettableProperty
{
    const char *signal;
    const char *badValue; // as the warning names it
    std::function<void(ScheduledTimer &)> setGood;
    std::function<bool(const ScheduledTimer &)> isGood;
    std::function<void(ScheduledTimer &)> setBad;
    std::function<void(ScheduledTimer &)> setBadThroughBindable;
    // Binds the property to a switch: good values while it is on, bad ones while it is off.
    std::function<void(ScheduledTimer &, QProperty<bool> &)> bind;
    // Somebody else's binding to the property; says whether that has the good value.
    std::function<std::function<bool()>(ScheduledTimer &)> observe;
};

template <typename T>
SettableProperty settable(const char *signal, const char *badValue, T good, T bad,
                          T (ScheduledTimer::*get)() const, void (ScheduledTimer::*set)(T),
                          QBindable<T> (ScheduledTimer::*bindable)())
{
    SettableProperty property;
    property.signal = signal;
    property.badValue = badValue;
    property.setGood = [=](ScheduledTimer &timer) { (timer.*set)(good); };
    property.isGood = [=](const ScheduledTimer &timer) { return (timer.*get)() == good; };
    property.setBad = [=](ScheduledTimer &timer) { (timer.*set)(bad); };
    property.setBadThroughBindable = [=](ScheduledTimer &timer) {
        (timer.*bindable)().setValue(bad);
    };
    property.bind = [=](ScheduledTimer &timer, QProperty<bool> &isOn) {
        (timer.*bindable)().setBinding([=, &isOn] { return isOn.value() ? good : bad; });
    };
    property.observe = [=](ScheduledTimer &timer) -> std::function<bool()> {
        auto mirror = std::make_shared<QProperty<T>>();
        mirror->setBinding([=, &timer] { return (timer.*get)(); });
        return [=] { return mirror->value() == good; };
    };
    return property;
}

const SettableProperty &propertyNamed(const QByteArray &name)
{
    static const std::map<QByteArray, SettableProperty> properties = {
        { "interval",
          settable<Duration>("intervalChanged", "-5 ns", 7ms, -5ns, &ScheduledTimer::interval,
                             &ScheduledTimer::setInterval, &ScheduledTimer::bindableInterval) },
        { "interval of zero",
          settable<Duration>("intervalChanged", "got 0 ns", 7ms, 0ns, &ScheduledTimer::interval,
                             &ScheduledTimer::setInterval, &ScheduledTimer::bindableInterval) },
        { "policy", settable<Policy>("policyChanged", "Policy - got 77", Policy::Delay, Policy(77),
                                     &ScheduledTimer::policy, &ScheduledTimer::setPolicy,
                                     &ScheduledTimer::bindablePolicy) },
        { "errorPolicy",
          settable<ErrorPolicy>("errorPolicyChanged", "ErrorPolicy - got -1", ErrorPolicy::Stop,
                                ErrorPolicy(-1), &ScheduledTimer::errorPolicy,
                                &ScheduledTimer::setErrorPolicy,
                                &ScheduledTimer::bindableErrorPolicy) },
        { "maximumTicks",
          settable<qint64>("maximumTicksChanged", "got -1 ", 7, -1, &ScheduledTimer::maximumTicks,
                           &ScheduledTimer::setMaximumTicks,
                           &ScheduledTimer::bindableMaximumTicks) },
        { "callbackTimeout",
          settable<Duration>("callbackTimeoutChanged", "got -1 ns", 7ms, -1ns,
                             &ScheduledTimer::callbackTimeout, &ScheduledTimer::setCallbackTimeout,
                             &ScheduledTimer::bindableCallbackTimeout) },
        { "tolerance",
          settable<Duration>("toleranceChanged", "got -1 ns", 7ms, -1ns, &ScheduledTimer::tolerance,
                             &ScheduledTimer::setTolerance, &ScheduledTimer::bindableTolerance) },
    };
    return properties.at(name);
}

void addProperties()
{
    QTest::addColumn<QByteArray>("property");
    for (const char *property : { "interval", "interval of zero", "policy", "errorPolicy",
                                  "maximumTicks", "callbackTimeout", "tolerance" })
        QTest::newRow(property) << QByteArray(property);
}

void expectBadValue(const SettableProperty &property)
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QRegularExpression::escape(
                                               QString::fromUtf8(property.badValue))));
}

} // namespace

class tst_ScheduledTimerProperties : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void metaObjectProperties();
    void setterNotifiesOnce_data();
    void setterNotifiesOnce();
    void triggeredOnStart();
    void countersNotify();
    void clockIsRefusedWhileRunningOrBusy();

    void T12_badValueToASetter_data();
    void T12_badValueToASetter();
    void T12_badValueThroughTheBindable_data();
    void T12_badValueThroughTheBindable();
    void T12_bindingThatYieldsABadValue_data();
    void T12_bindingThatYieldsABadValue();
    void T12_bindingThatYieldsABadValueFirst_data();
    void T12_bindingThatYieldsABadValueFirst();
    void T12_setterWithABadValueKeepsTheBinding();
    void T12_badValueStaysInNoOtherBinding_data();
    void T12_badValueStaysInNoOtherBinding();
    void T12_badIntervalDoesNotTouchARunningSchedule();
    void T12_badConstructorArguments();
    void T12_nullClock();

    void bindingToInterval();
    void setterReplacesTheBinding();
    void bindingsFromRunningAndBusy();
    void runningAndBusyAreReadOnly();
    void bindingsAreTold();
};

void tst_ScheduledTimerProperties::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerProperties::metaObjectProperties()
{
    const QMetaObject &meta = ScheduledTimer::staticMetaObject;
    struct Expected
    {
        const char *name;
        bool writable;
        bool bindable;
    };
    for (const Expected &expected :
         { Expected{ "interval", true, true }, Expected{ "policy", true, true },
           Expected{ "errorPolicy", true, true }, Expected{ "running", true, true },
           Expected{ "busy", false, true }, Expected{ "triggeredOnStart", true, true },
           Expected{ "maximumTicks", true, true }, Expected{ "callbackTimeout", true, true },
           Expected{ "tolerance", true, true }, Expected{ "tickCount", false, false },
           Expected{ "missedCount", false, false } }) {
        const QMetaProperty property = meta.property(meta.indexOfProperty(expected.name));
        QVERIFY2(property.isValid(), expected.name);
        QCOMPARE(property.isWritable(), expected.writable);
        QCOMPARE(property.isBindable(), expected.bindable);
        QCOMPARE(property.notifySignal().name(), QByteArray(expected.name) + "Changed");
    }
    QCOMPARE(meta.enumerator(meta.indexOfEnumerator("Policy")).keyCount(), 2);
    QCOMPARE(meta.enumerator(meta.indexOfEnumerator("ErrorPolicy")).keyCount(), 2);

    ScheduledTimer timer;
    QVERIFY(timer.setProperty("interval", QVariant::fromValue(Duration(5ms))));
    QVERIFY(timer.property("interval").value<Duration>() == 5ms);
    QVERIFY(timer.setProperty("policy", QStringLiteral("Delay")));
    QVERIFY(timer.policy() == Policy::Delay);
    for (const char *method : { "start()", "restart()", "stop()", "cancel()" })
        QVERIFY2(meta.indexOfSlot(method) >= 0, method);
}

void tst_ScheduledTimerProperties::setterNotifiesOnce_data()
{
    addProperties();
}

void tst_ScheduledTimerProperties::setterNotifiesOnce()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    for (const bool running : { false, true }) {
        VirtualTimer v(10ms);
        if (running)
            v.timer.start();
        SignalLog log(&v.timer);
        tested.setGood(v.timer);
        QVERIFY(tested.isGood(v.timer));
        QCOMPARE(log.take(), lines({ tested.signal }));
        tested.setGood(v.timer);
        QCOMPARE(log.take(), QStringList());
        QCOMPARE(v.timer.isRunning(), running);
    }
}

void tst_ScheduledTimerProperties::triggeredOnStart()
{
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QProperty<bool> source(false);
    v.timer.bindableTriggeredOnStart().setBinding([&source] { return source.value(); });
    QCOMPARE(log.take(), QStringList());
    source = true;
    QVERIFY(v.timer.triggeredOnStart());
    QCOMPARE(log.take(), lines({ "triggeredOnStartChanged" }));
    v.timer.start();
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.size(), 1U);
    v.timer.setTriggeredOnStart(false); // of no account for the run that is under way
    v.clock.advance(10ms);
    QCOMPARE(v.ticks.back().index(), 1);
    v.timer.restart();
    v.clock.advance(0ns);
    QCOMPARE(v.ticks.size(), 2U);
}

void tst_ScheduledTimerProperties::countersNotify()
{
    VirtualTimer v(10ms);
    QSignalSpy ticks(&v.timer, &ScheduledTimer::tickCountChanged);
    QSignalSpy missed(&v.timer, &ScheduledTimer::missedCountChanged);
    v.timer.start();
    QCOMPARE(ticks.count(), 0);
    v.clock.advance(30ms);
    QCOMPARE(ticks.count(), 3);
    QCOMPARE(missed.count(), 0);
    v.clock.elapse(30ms);
    v.clock.advance(0ns);
    QCOMPARE(ticks.count(), 4);
    QCOMPARE(missed.count(), 1);
    QCOMPARE(v.timer.property("tickCount").toLongLong(), 4);
    QCOMPARE(v.timer.property("missedCount").toLongLong(), 2);
}

void tst_ScheduledTimerProperties::clockIsRefusedWhileRunningOrBusy()
{
    VirtualTimer v(10ms);
    ManualClock other;
    PendingWork work;
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("setClock.*running")));
    v.timer.setClock(&other);
    v.clock.advance(10ms);
    v.timer.stop();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("setClock.*busy")));
    v.timer.setClock(&other);
    QCOMPARE(v.timer.clock(), &v.clock);
    work.finish();
    v.clock.advance(0ns);
    v.timer.setClock(&other);
    QCOMPARE(v.timer.clock(), &other);
    v.timer.clearCallback();
    v.timer.start();
    QCOMPARE(v.clock.pendingWakeUps(), 0);
    other.advance(10ms);
    QCOMPARE(v.ticks.size(), 2U);
    v.timer.stop(); // before that clock goes
}

// ---- T12

void tst_ScheduledTimerProperties::T12_badValueToASetter_data()
{
    addProperties();
}

void tst_ScheduledTimerProperties::T12_badValueToASetter()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    VirtualTimer v(10ms);
    tested.setGood(v.timer);
    SignalLog log(&v.timer);
    expectBadValue(tested);
    tested.setBad(v.timer);
    QVERIFY(tested.isGood(v.timer));
    QCOMPARE(log.take(), QStringList());
}

void tst_ScheduledTimerProperties::T12_badValueThroughTheBindable_data()
{
    addProperties();
}

void tst_ScheduledTimerProperties::T12_badValueThroughTheBindable()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    VirtualTimer v(10ms);
    tested.setGood(v.timer);
    SignalLog log(&v.timer);
    expectBadValue(tested);
    tested.setBadThroughBindable(v.timer);
    QVERIFY(tested.isGood(v.timer));
    QCOMPARE(log.take(), QStringList());
}

void tst_ScheduledTimerProperties::T12_bindingThatYieldsABadValue_data()
{
    addProperties();
}

void tst_ScheduledTimerProperties::T12_bindingThatYieldsABadValue()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    VirtualTimer v(10ms);
    v.timer.start();
    SignalLog log(&v.timer);
    QProperty<bool> isOn(true);
    tested.bind(v.timer, isOn);
    QVERIFY(tested.isGood(v.timer));
    QCOMPARE(log.take(), lines({ tested.signal }));
    for (int i = 0; i < 3; ++i) {
        expectBadValue(tested);
        isOn = false;
        QVERIFY(tested.isGood(v.timer));
        isOn = true;
        QVERIFY(tested.isGood(v.timer));
        QCOMPARE(log.take(), QStringList());
    }
    QVERIFY(v.timer.isRunning());
}

void tst_ScheduledTimerProperties::T12_bindingThatYieldsABadValueFirst_data()
{
    addProperties();
}

void tst_ScheduledTimerProperties::T12_bindingThatYieldsABadValueFirst()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    VirtualTimer v(10ms);
    SignalLog log(&v.timer);
    QProperty<bool> isOn(false);
    expectBadValue(tested);
    tested.bind(v.timer, isOn);
    QVERIFY(!tested.isGood(v.timer)); // still what it had, not the good value to come
    QCOMPARE(log.take(), QStringList());
    isOn = true; // the binding is alive, and the good value arrives
    QVERIFY(tested.isGood(v.timer));
    QCOMPARE(log.take(), lines({ tested.signal }));
}

void tst_ScheduledTimerProperties::T12_setterWithABadValueKeepsTheBinding()
{
    VirtualTimer v(10ms);
    QProperty<Duration> source(5ms);
    v.timer.bindableInterval().setBinding([&source] { return source.value(); });
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("-1 ns")));
    v.timer.setInterval(-1ns);
    QVERIFY(v.timer.bindableInterval().hasBinding());
    source = 6ms;
    QVERIFY(v.timer.interval() == 6ms);
}

void tst_ScheduledTimerProperties::T12_badValueStaysInNoOtherBinding_data()
{
    addProperties();
}

// Somebody whose own property is bound to the timer's is not left with a value that it never had.
void tst_ScheduledTimerProperties::T12_badValueStaysInNoOtherBinding()
{
    QFETCH(const QByteArray, property);
    const SettableProperty &tested = propertyNamed(property);
    VirtualTimer v(10ms);
    tested.setGood(v.timer);
    const auto othersIsGood = tested.observe(v.timer);
    expectBadValue(tested);
    tested.setBadThroughBindable(v.timer);
    QVERIFY(othersIsGood());
    QProperty<bool> isOn(true);
    tested.bind(v.timer, isOn);
    expectBadValue(tested);
    isOn = false;
    QVERIFY(othersIsGood());
    isOn = true;
    QVERIFY(othersIsGood());
}

void tst_ScheduledTimerProperties::T12_badIntervalDoesNotTouchARunningSchedule()
{
    VirtualTimer v(10ms);
    QProperty<Duration> source(10ms);
    v.timer.bindableInterval().setBinding([&source] { return source.value(); });
    v.timer.start();
    v.clock.advance(14ms);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("0 ns")));
    source = 0ns;
    v.clock.advance(2ms);
    source = 10ms; // good again, and the same as before
    v.clock.advance(14ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 20ms, 30ms }));
}

void tst_ScheduledTimerProperties::T12_badConstructorArguments()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("-7 ns")));
    const ScheduledTimer negative(-7ns);
    QVERIFY(negative.interval() == 1s);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("got 5")));
    const ScheduledTimer strange(2s, Policy(5));
    QVERIFY(strange.interval() == 2s);
    QVERIFY(strange.policy() == Policy::Fixed);
}

void tst_ScheduledTimerProperties::T12_nullClock()
{
    VirtualTimer v(10ms);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("setClock.*null")));
    v.timer.setClock(nullptr);
    QCOMPARE(v.timer.clock(), &v.clock);
}

// ---- Bindings

void tst_ScheduledTimerProperties::bindingToInterval()
{
    VirtualTimer v(10ms);
    QProperty<int> rate(100);
    v.timer.bindableInterval().setBinding([&rate] { return Duration(1s) / rate.value(); });
    v.timer.start();
    v.clock.advance(14ms);
    rate = 200; // T13: anchored at 14
    v.clock.advance(10ms);
    QVERIFY((v.times == std::vector<Duration>{ 10ms, 19ms, 24ms }));
}

void tst_ScheduledTimerProperties::setterReplacesTheBinding()
{
    VirtualTimer v(10ms);
    QProperty<Duration> source(5ms);
    v.timer.bindableInterval().setBinding([&source] { return source.value(); });
    v.timer.setInterval(8ms);
    QVERIFY(!v.timer.bindableInterval().hasBinding());
    source = 6ms;
    QVERIFY(v.timer.interval() == 8ms);
}

void tst_ScheduledTimerProperties::bindingsFromRunningAndBusy()
{
    VirtualTimer v(10ms);
    PendingWork work;
    QProperty<QString> state;
    state.setBinding([&v] {
        return QStringLiteral("%1 %2")
                .arg(v.timer.bindableRunning().value())
                .arg(v.timer.bindableBusy().value());
    });
    QStringList seen;
    const auto handler = state.onValueChanged([&] { seen.append(state.value()); });
    v.timer.setMaximumTicks(2);
    v.timer.setCallback([&work] { return work.begin(); });
    v.timer.start();
    v.clock.advance(10ms);
    work.finish();
    v.clock.advance(10ms);
    work.finish();
    v.clock.advance(0ns);
    QCOMPARE(seen.first(), QStringLiteral("1 0"));
    QCOMPARE(seen.last(), QStringLiteral("0 0"));
    QVERIFY(seen.contains(QStringLiteral("1 1")));
    QVERIFY(seen.contains(QStringLiteral("0 1")));
    QCOMPARE(state.value(), QStringLiteral("0 0"));
}

void tst_ScheduledTimerProperties::runningAndBusyAreReadOnly()
{
    VirtualTimer v(10ms);
    QVERIFY(v.timer.bindableRunning().isReadOnly());
    QVERIFY(v.timer.bindableBusy().isReadOnly());
    QVERIFY(!v.timer.bindableInterval().isReadOnly());
    QUntypedBindable running = v.timer.bindableRunning();
#ifndef QT_NO_DEBUG // Qt's headers say it in debug builds only
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("read-only")));
#endif
    running.setBinding(QProperty<bool>(true).takeBinding());
    QVERIFY(!v.timer.isRunning());
}

void tst_ScheduledTimerProperties::bindingsAreTold()
{
    VirtualTimer v(10ms);
    int told = 0;
    const auto busy = v.timer.bindableBusy().addNotifier([&told] { ++told; });
    v.timer.start();
    v.clock.advance(30ms);
    QCOMPARE(told, 6);
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerProperties)

#include "tst_scheduledtimer_properties.moc"
