// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The example 14-polling-hardware. Time is virtual; what goes through the pseudo-terminal takes real
// time, and is waited for.

#include "poller.h"
#include "serialline.h"
#include "simulateddevice.h"

#include <Tactus/ManualClock>

#include <QtCore/qregularexpression.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <chrono>
#include <memory>

using namespace std::chrono_literals;

namespace {

constexpr int Ceiling = 30'000; // ms, for what comes as soon as the system lets it

// Virtual time before everything that lives in it.
struct VirtualTime
{
    VirtualTime() { Tactus::Clock::setDefault(&clock); }
    ~VirtualTime() { Tactus::Clock::setDefault(nullptr); }
    Q_DISABLE_COPY_MOVE(VirtualTime)
    Tactus::ManualClock clock;
};

struct Bench : VirtualTime
{
    explicit Bench(const SimulatedDevice::Character &character)
        : device(character)
    {
    }

    std::unique_ptr<QIODevice> line()
    {
        if (device.path().isEmpty())
            return nullptr;
        return std::make_unique<SerialLine>(device.path());
    }

    // A poll begins, and the question arrives.
    bool poll()
    {
        const auto before = asked.count();
        clock.advance(Poller::pause);
        return QTest::qWaitFor([&] { return asked.count() > before; }, Ceiling);
    }

    SimulatedDevice device;
    Poller poller{ [this] { return line(); } };
    QSignalSpy asked{ &device, &SimulatedDevice::asked };
    QSignalSpy answered{ &poller, &Poller::answered };
    QSignalSpy silent{ &poller, &Poller::silent };
    QSignalSpy failed{ &poller, &Poller::failed };
    QSignalSpy connected{ &poller, &Poller::connected };
};

} // namespace

class tst_PollingHardware : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void answersArrive();
    void pollsDoNotOverlap();
    void silenceTimesOut();
    void lateAnswerIsNotTakenForAnother();
    void deviceComesBack();
    void hangUpBetweenPolls();
    void stopWaitsForTheAnswer();
};

void tst_PollingHardware::answersArrive()
{
    Bench b([](int) { return 0ns; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    for (int question = 1; question <= 3; ++question) {
        QVERIFY(b.poll());
        QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), question, Ceiling);
        QCOMPARE(b.answered.last().at(0).toInt(), question);
        QCOMPARE(b.answered.last().at(1).toByteArray(), "21." + QByteArray::number(question));
        b.clock.advance(0s); // the poll ends
    }
    QCOMPARE(b.connected.count(), 1);
    QVERIFY(b.silent.isEmpty() && b.failed.isEmpty());
}

void tst_PollingHardware::pollsDoNotOverlap()
{
    static constexpr auto slow =
            Poller::patience; // exactly what is tolerated, and longer than the pause
    Bench b([](int) { return slow; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    QVERIFY(b.poll());
    b.clock.advance(slow); // the device answers at the end of it
    QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), 1, Ceiling);
    QCOMPARE(b.asked.count(), 1);
    QVERIFY(b.silent.isEmpty());

    b.clock.advance(0s);
    QVERIFY(b.poll()); // a whole pause after the answer
    QCOMPARE(b.asked.last().at(0).toInt(), 2);
}

void tst_PollingHardware::silenceTimesOut()
{
    Bench b([](int) { return SimulatedDevice::silence; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    for (int question = 1; question <= 3; ++question) {
        QVERIFY(b.poll());
        QCOMPARE(b.asked.last().at(0).toInt(), question);
        b.clock.advance(Poller::patience);
        QCOMPARE(b.silent.count(), question - 1);
        b.clock.advance(1ns);
        QCOMPARE(b.silent.count(), question);
    }
    QVERIFY(b.answered.isEmpty() && b.failed.isEmpty());
}

void tst_PollingHardware::lateAnswerIsNotTakenForAnother()
{
    static constexpr auto late = Poller::patience + Poller::pause + 10ms;
    Bench b([](int question) { return question == 1 ? late : 20ms; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    QVERIFY(b.poll());
    b.clock.advance(Poller::patience + 1ns);
    QCOMPARE(b.silent.count(), 1);
    QVERIFY(b.poll());
    b.clock.advance(20ms); // both answers, the first one first
    QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), 1, Ceiling);
    QCOMPARE(b.answered.first().at(0).toInt(), 2);
    QCOMPARE(b.answered.first().at(1).toByteArray(), "21.2");
}

void tst_PollingHardware::deviceComesBack()
{
    Bench b([](int question) { return question == 1 ? SimulatedDevice::hangUp : 0ns; });
    b.poller.start();
    b.clock.advance(Poller::pause);
    QCOMPARE(b.failed.count(), 1);
    QCOMPARE(b.failed.last().at(0).toString(), QStringLiteral("there is no device"));

    QVERIFY(b.device.plugIn());
    QVERIFY(b.poll());
    QTRY_COMPARE_WITH_TIMEOUT(b.failed.count(), 2, Ceiling);
    QCOMPARE(b.failed.last().at(0).toString(), QStringLiteral("the device has hung up"));
    b.clock.advance(Poller::pause);
    QCOMPARE(b.failed.count(), 3);

    QVERIFY(b.device.plugIn());
    QVERIFY(b.poll());
    QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), 1, Ceiling);
    QCOMPARE(b.connected.count(), 2);
}

void tst_PollingHardware::hangUpBetweenPolls()
{
    Bench b([](int) { return 0ns; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    QVERIFY(b.poll());
    QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), 1, Ceiling);
    b.clock.advance(0s);

    const QSignalSpy lost(&b.poller, &Poller::lost);
    b.device.unplug();
    QVERIFY(b.device.plugIn());
    QTRY_COMPARE_WITH_TIMEOUT(lost.count(), 1, Ceiling);
    QVERIFY(b.poll());
    QTRY_COMPARE_WITH_TIMEOUT(b.answered.count(), 2, Ceiling);
    QVERIFY(b.failed.isEmpty());
}

void tst_PollingHardware::stopWaitsForTheAnswer()
{
    Bench b([](int) { return 100ms; });
    QVERIFY(b.device.plugIn());
    b.poller.start();
    QVERIFY(b.poll());
    const QFuture<void> stopped = b.poller.stop();
    QVERIFY(!stopped.isFinished());
    b.clock.advance(100ms);
    QTRY_VERIFY_WITH_TIMEOUT(stopped.isFinished(), Ceiling);
    QCOMPARE(b.answered.count(), 1);
    b.clock.advance(1h);
    QCOMPARE(b.clock.pendingWakeUps(), 0);
}

QTEST_GUILESS_MAIN(tst_PollingHardware)
#include "tst_pollinghardware.moc"
