// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The code in the descriptions of the classes.

#include "virtualtime.h"

#include <Tactus/Tactus>

#include <QtCore/qfuturewatcher.h>
#include <QtCore/qloggingcategory.h>
#include <QtTest/qsignalspy.h>

#include <stdexcept>

using namespace std::chrono_literals;

namespace {

class Device : public QObject
{
    Q_OBJECT

public:
    void ping() { ++pings; }
    int pings = 0;
};

using Answer = QString;

class Client : public QObject
{
    Q_OBJECT

public:
    QFuture<Answer> fetch()
    {
        ++fetches;
        return after(2s, QStringLiteral("42"));
    }
    int fetches = 0;
};

// Work of a kind that Tactus does not know.
class Job : public QObject
{
    Q_OBJECT

public:
    void complete(const QByteArray &answer) { Q_EMIT done(answer); }
    void abort()
    {
        isAborted = true;
        deleteLater();
    }
    bool isAborted = false;

Q_SIGNALS:
    void done(const QByteArray &answer);
};

struct Application
{
    Application()
    {
        timer.setCallback([this] { ++reports; });
        timer.start();
    }
    Tactus::ScheduledTimer timer{ 1min };
    int reports = 0;
};

} // namespace

//! [traits]
template <>
struct Tactus::TaskTraits<Job *>
{
    static QFuture<QByteArray> toFuture(Job *job)
    {
        auto promise = std::make_shared<QPromise<QByteArray>>();
        promise->start();
        QObject::connect(job, &Job::done, job, [promise](const QByteArray &answer) {
            promise->addResult(answer);
            promise->finish();
        });
        auto *watcher = new QFutureWatcher<QByteArray>(job);
        QObject::connect(watcher, &QFutureWatcherBase::canceled, job, &Job::abort);
        watcher->setFuture(promise->future());
        return promise->future();
    }
};
//! [traits]

class tst_Reference : public VirtualTimeTest
{
    Q_OBJECT

private Q_SLOTS:
    void timer();
    void stop();
    void every();
    void tick();
    void limiter();
    void limits();
    void ownTypes();
    void defaultClock();
    void manualClock();
    void advanceToNext();
    void elapse();

private:
    void refresh() { ++m_refreshes; }
    void show(const Answer &answer) { m_shown = answer; }
    void complain(const QString &message) { m_complaint = message; }
    void closeDevice() { m_isClosed = true; }

    int m_refreshes = 0;
    bool m_isClosed = false;
    Answer m_shown;
    QString m_complaint;
};

void tst_Reference::timer()
{
    Device device;
    Client client;
    //! [timer]
    Tactus::ScheduledTimer heartbeat(1s);
    connect(&heartbeat, &Tactus::ScheduledTimer::tick, &device, &Device::ping);
    heartbeat.start();

    Tactus::ScheduledTimer poll(5s, Tactus::ScheduledTimer::Policy::Delay);
    poll.setCallback(&client, &Client::fetch); // returns a QFuture: it is awaited
    poll.start();
    //! [timer]
    clock().advance(20s);
    QCOMPARE(device.pings, 20);
    QCOMPARE(client.fetches, 3); // after 5, 12 and 19 seconds
}

void tst_Reference::stop()
{
    Client client;
    Tactus::ScheduledTimer timer(1s);
    timer.setCallback(&client, &Client::fetch);
    timer.start();
    clock().advance(2s);
    //! [stop]
    timer.stop().then(this, [this] { closeDevice(); });
    //! [stop]
    clock().advance(1s - 1ns);
    QVERIFY(!m_isClosed);
    clock().advance(1ns);
    QVERIFY(m_isClosed);
}

void tst_Reference::every()
{
    //! [every]
    Tactus::every(1s, this, [this] { refresh(); });
    //! [every]
    clock().advance(5s);
    QCOMPARE(m_refreshes, 5);
    qDeleteAll(findChildren<Tactus::ScheduledTimer *>());
}

void tst_Reference::tick()
{
    Tactus::ScheduledTimer timer(1s);
    //! [tick]
    connect(&timer, &Tactus::ScheduledTimer::tick, this, [](const Tactus::Tick &tick) {
        if (tick.missed() > 0)
            qInfo() << tick.missed() << "slots were passed over before tick" << tick.index();
    });
    //! [tick]
    timer.start();
    clock().advance(1s);
    clock().elapse(3s); // the event loop is blocked
    QTest::ignoreMessage(QtInfoMsg, "2 slots were passed over before tick 4");
    clock().advance(0s);
    QCOMPARE(timer.missedCount(), 2);
}

void tst_Reference::limiter()
{
    Client client;
    const auto fetch = [&client] { return client.fetch(); };
    //! [limiter]
    Tactus::SerialRateLimiter limiter(5, 1s);
    limiter.push(fetch) // returns a QFuture<Answer>: it is awaited
            .then(this, [this](const Answer &answer) { show(answer); })
            .onFailed(this, [this](const std::exception &error) {
                complain(QString::fromUtf8(error.what()));
            });
    //! [limiter]
    clock().advance(2s);
    QCOMPARE(m_shown, QStringLiteral("42"));

    limiter.push([]() -> Answer { throw std::runtime_error("no"); })
            .then(this, [this](const Answer &answer) { show(answer); })
            .onFailed(this, [this](const std::exception &error) {
                complain(QString::fromUtf8(error.what()));
            });
    clock().advance(0s);
    QCOMPARE(m_complaint, QStringLiteral("no"));
}

void tst_Reference::limits()
{
    Tactus::SerialRateLimiter limiter;
    //! [limits]
    limiter.setLimits({ Tactus::RateLimit(10, 1s), Tactus::RateLimit(1000, 1h) });
    //! [limits]
    QCOMPARE(limiter.rate(), 10);
    QCOMPARE(limiter.per(), Tactus::Duration(1s));
    for (int i = 0; i < 1001; ++i)
        limiter.post([] {});
    clock().advance(99s);
    QCOMPARE(limiter.completedCount(), 1000);
    clock().advance(1h - 99s - 1ns);
    QCOMPARE(limiter.completedCount(), 1000);
    clock().advance(1ns);
    QCOMPARE(limiter.completedCount(), 1001);
}

void tst_Reference::ownTypes()
{
    Tactus::SerialRateLimiter limiter;
    QPointer<Job> job = new Job;
    auto first = limiter.push([job] { return job.data(); });
    clock().advance(0s);
    QVERIFY(limiter.isBusy());
    job->complete("done");
    clock().advance(0s);
    QCOMPARE(first.result(), QByteArray("done"));
    delete job;

    job = new Job;
    auto second = limiter.push([job] { return job.data(); });
    clock().advance(1s);
    second.cancel();
    clock().advance(0s);
    QVERIFY(!job);
    QVERIFY(second.isFinished());
    QVERIFY(!limiter.isBusy());
}

void tst_Reference::defaultClock()
{
    //! [default clock]
    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);
    Application application; // makes its timers as ever
    clock.advance(1h);
    QCOMPARE(application.reports, 60);
    Tactus::Clock::setDefault(nullptr);
    //! [default clock]
}

void tst_Reference::manualClock()
{
    //! [manual clock]
    Tactus::ManualClock clock;
    Tactus::ScheduledTimer timer(10min);
    timer.setClock(&clock);
    QSignalSpy ticks(&timer, &Tactus::ScheduledTimer::tick);
    timer.start();
    clock.advance(1h);
    QCOMPARE(ticks.count(), 6);
    //! [manual clock]
}

void tst_Reference::advanceToNext()
{
    Tactus::ManualClock clock;
    Tactus::SerialRateLimiter limiter(1, 1min);
    limiter.setClock(&clock);
    for (int i = 0; i < 10; ++i)
        limiter.post([] {});
    //! [advance to next]
    while (clock.advanceToNext()) {
    } // everything there is to run
    //! [advance to next]
    QCOMPARE(limiter.completedCount(), 10);
    QCOMPARE(clock.now().time_since_epoch(), Tactus::Duration(9min));
}

void tst_Reference::elapse()
{
    Tactus::ManualClock clock;
    Tactus::ScheduledTimer timer(10ms);
    timer.setClock(&clock);
    //! [elapse]
    connect(&timer, &Tactus::ScheduledTimer::tick, this, [&clock] { clock.elapse(30ms); });
    //! [elapse]
    timer.start();
    clock.advance(100ms);
    QCOMPARE(timer.tickCount(), 3); // at 10, 50 and 90 ms
    QCOMPARE(timer.missedCount(), 6);
}

QTEST_GUILESS_MAIN(tst_Reference)

#include "tst_reference.moc"
