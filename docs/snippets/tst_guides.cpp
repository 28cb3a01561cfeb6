// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The code of the overview and of the pages on testing, threads, errors and precision.

#include "virtualtime.h"

#include <Tactus/Tactus>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qloggingcategory.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>

#include <algorithm>
#include <stdexcept>

using namespace std::chrono_literals;

namespace {

using Answer = QString;

class Client : public QObject
{
    Q_OBJECT

public:
    QFuture<Answer> fetch()
    {
        ++fetches;
        return after(2s, QStringLiteral("fine"));
    }
    QFuture<Answer> fail()
    {
        return failAfter<Answer>(1s, std::make_exception_ptr(std::runtime_error("no route")));
    }
    int fetches = 0;
};

// What is tested on the page on testing: an application that asks a server every ten minutes, and
// knows nothing of virtual time.
class Watchdog : public QObject
{
    Q_OBJECT

public:
    Watchdog()
    {
        m_timer.setCallback(this, [this] {
            return m_client.fetch().then(this, [this](const Answer &answer) { m_state = answer; });
        });
        m_timer.start();
    }
    Answer state() const { return m_state; }
    int probes() const { return m_client.fetches; }

private:
    Tactus::ScheduledTimer m_timer{ 10min };
    Client m_client;
    Answer m_state = QStringLiteral("unknown");
};

} // namespace

class tst_Guides : public VirtualTimeTest
{
    Q_OBJECT

private Q_SLOTS:
    void overview();
    void testing();
    void testingOneObject();
    void testingABlockedLoop();
    void errorsOfTimers();
    void errorsOfTasks();
    void errorsOfUse();
    void threadOfItsOwn();
    void pushFromThreads();
    void tolerance();

private:
    void ping() { ++m_pings; }
    void show(const Answer &answer) { m_shown = answer; }
    void complain(const QString &what) { m_complaints.append(what); }

    int m_pings = 0;
    Answer m_shown;
    QStringList m_complaints;
};

void tst_Guides::overview()
{
    Client client;
    //! [overview timers]
    Tactus::ScheduledTimer heartbeat(1s);
    connect(&heartbeat, &Tactus::ScheduledTimer::tick, this, [this] { ping(); });
    heartbeat.start();

    Tactus::ScheduledTimer poll(5s, Tactus::ScheduledTimer::Policy::Delay);
    poll.setCallback(&client, &Client::fetch); // a QFuture: it is awaited
    poll.start();
    //! [overview timers]

    //! [overview limiter]
    Tactus::SerialRateLimiter limiter(5, 1s);
    limiter.push([&client] { return client.fetch(); }) // a QFuture of the answer
            .then(this, [this](const Answer &answer) { show(answer); });
    //! [overview limiter]
    clock().advance(10s);
    QCOMPARE(m_pings, 10);
    QCOMPARE(client.fetches, 2); // one by the timer, one by the limiter
    QCOMPARE(m_shown, QStringLiteral("fine"));
}

void tst_Guides::testing()
{
    //! [testing]
    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock); // before the objects are made

    Watchdog watchdog;
    clock.advance(10min - 1ns);
    QCOMPARE(watchdog.probes(), 0);
    clock.advance(1ns);
    QCOMPARE(watchdog.probes(), 1);
    QCOMPARE(watchdog.state(), QStringLiteral("unknown")); // the answer takes two seconds

    clock.advance(2s);
    QCOMPARE(watchdog.state(), QStringLiteral("fine"));

    clock.advance(24h - 10min - 2s);
    QCOMPARE(watchdog.probes(), 144);

    Tactus::Clock::setDefault(nullptr); // back to the real time
    //! [testing]
    clock.advance(2s); // the last answer
}

void tst_Guides::testingOneObject()
{
    //! [testing one]
    Tactus::ManualClock clock;
    Tactus::SerialRateLimiter limiter(2, 1min);
    limiter.setClock(&clock);

    QList<Tactus::Duration> starts;
    for (int i = 0; i < 5; ++i)
        limiter.post([&] { starts.append(clock.now().time_since_epoch()); });
    QVERIFY(starts.isEmpty()); // nothing runs inside post()

    clock.advance(0s); // settles the present instant
    QCOMPARE(starts.size(), 2);

    while (clock.advanceToNext()) {
    }
    QCOMPARE(starts, QList<Tactus::Duration>({ 0s, 0s, 1min, 1min, 2min }));
    //! [testing one]
}

void tst_Guides::testingABlockedLoop()
{
    //! [testing blocked]
    Tactus::ManualClock clock;
    Tactus::ScheduledTimer timer(1s);
    timer.setClock(&clock);
    QSignalSpy missed(&timer, &Tactus::ScheduledTimer::ticksMissed);
    timer.start();

    clock.advance(1s);
    clock.elapse(5s); // somebody blocks the event loop
    clock.advance(0s);
    QCOMPARE(missed.count(), 1);
    QCOMPARE(timer.missedCount(), 4); // 2, 3, 4 and 5; 6 ticks, in time
    //! [testing blocked]
}

void tst_Guides::errorsOfTimers()
{
    Client client;
    Tactus::ScheduledTimer timer(1min);
    //! [errors timer]
    timer.setCallback(&client, &Client::fail);
    connect(&timer, &Tactus::ScheduledTimer::errorOccurred, this,
            [this](const Tactus::Tick &, const QString &message) { complain(message); });
    timer.setErrorPolicy(Tactus::ScheduledTimer::ErrorPolicy::Stop); // otherwise it goes on
    //! [errors timer]
    timer.start();
    clock().advance(1h);
    QCOMPARE(m_complaints, QStringList(QStringLiteral("no route")));
    QVERIFY(!timer.isRunning());
}

void tst_Guides::errorsOfTasks()
{
    Client client;
    Tactus::SerialRateLimiter limiter(100, 1s);
    const auto report = [this](QFuture<Answer> future) {
        //! [errors task]
        future.then(this, [this](const Answer &answer) { show(answer); })
                .onCanceled(this, [this] { complain(tr("canceled")); }) // before onFailed()
                .onFailed(this, [this](const Tactus::QueueFullError &) { complain(tr("too busy")); })
                .onFailed(this, [this](const Tactus::TimeoutError &) { complain(tr("too slow")); })
                .onFailed(this, [this](const std::exception &error) {
                    complain(QString::fromUtf8(error.what()));
                });
        //! [errors task]
    };
    m_complaints.clear();
    limiter.setTaskTimeout(10s);
    limiter.setMaximumPending(2);
    report(limiter.push([&client] { return client.fetch(); }));
    report(limiter.push([&client] { return client.fail(); }));
    report(limiter.push([] { return Answer(); }));
    clock().advance(5s);
    QCOMPARE(m_complaints, QStringList({ tr("too busy"), QStringLiteral("no route") }));
    QCOMPARE(m_shown, QStringLiteral("fine"));

    m_complaints.clear();
    report(limiter.push([] { return after(1min, Answer()); }));
    report(limiter.push([] { return Answer(); }));
    clock().advance(10s + 1ns);
    limiter.clear();
    clock().advance(1min);
    QCOMPARE(m_complaints, QStringList({ tr("too slow"), tr("canceled") }));
}

void tst_Guides::errorsOfUse()
{
    Tactus::ScheduledTimer timer(1s);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("setInterval.*-5")));
    //! [errors use]
    timer.setInterval(-5ms); // a warning in the category tactus.timer, and nothing changes
    QCOMPARE(timer.interval(), Tactus::Duration(1s));
    //! [errors use]

    //! [errors logging]
    QLoggingCategory::setFilterRules(QStringLiteral("tactus.*.debug=true"));
    //! [errors logging]
    QLoggingCategory::setFilterRules(QString());
}

void tst_Guides::threadOfItsOwn()
{
    Tactus::Clock::setDefault(nullptr); // threads of their own, so the real time
    std::atomic<int> samples = 0;
    const auto sample = [&samples] { ++samples; };
    //! [threads own]
    QThread thread;
    auto *timer = new Tactus::ScheduledTimer(1ms);
    timer->setCallback(sample); // will run in the thread
    timer->moveToThread(&thread);
    connect(&thread, &QThread::started, timer, &Tactus::ScheduledTimer::start);
    connect(&thread, &QThread::finished, timer, &QObject::deleteLater);
    thread.start();
    //! [threads own]
    QTRY_VERIFY_WITH_TIMEOUT(samples > 2, 10000);

    //! [threads stop]
    QMetaObject::invokeMethod(timer, &Tactus::ScheduledTimer::stop, Qt::BlockingQueuedConnection);
    const int seen = samples; // no callback starts any more, in whatever thread
    //! [threads stop]
    thread.quit();
    thread.wait();
    QCOMPARE(samples, seen);
}

void tst_Guides::pushFromThreads()
{
    Tactus::Clock::setDefault(nullptr);
    struct Database
    {
        qint64 insert(const QString &) { return ++rows; }
        qint64 rows = 0;
    } database;
    QList<QThread *> workers;
    std::atomic<qint64> sum = 0;
    //! [threads push]
    Tactus::SerialRateLimiter writer(1000, 1s); // in this thread, as is the database

    const auto work = [&writer, &database, &sum] { // in any other
        QFuture<qint64> row = writer.push([&database] {
            return database.insert(QStringLiteral("a row")); // here again: no lock is needed
        });
        row.waitForFinished(); // a worker may wait; the limiter's own thread must not
        sum += row.result();
    };
    //! [threads push]
    for (int i = 0; i < 4; ++i) {
        workers.append(QThread::create(work));
        workers.last()->start();
    }
    QTRY_VERIFY_WITH_TIMEOUT(std::all_of(workers.cbegin(), workers.cend(),
                                         [](auto *t) { return t->isFinished(); }),
                             10000);
    qDeleteAll(workers);
    QCOMPARE(database.rows, 4);
    QCOMPARE(sum, 1 + 2 + 3 + 4);
}

void tst_Guides::tolerance()
{
    //! [tolerance]
    Tactus::ScheduledTimer sampler(10ms);
    sampler.setTolerance(0ns); // as punctual as the machine can be

    Tactus::ScheduledTimer autosave(30s);
    autosave.setTolerance(2s); // some time after; may share a wake-up with others
    //! [tolerance]

    //! [lateness]
    Tactus::Duration worst{};
    connect(&sampler, &Tactus::ScheduledTimer::tick, this,
            [&worst](const Tactus::Tick &tick) { worst = std::max(worst, tick.lateness()); });
    //! [lateness]
    sampler.start();
    clock().elapse(15ms);
    clock().advance(0s);
    QCOMPARE(worst, Tactus::Duration(5ms));
}

QTEST_GUILESS_MAIN(tst_Guides)

#include "tst_guides.moc"
