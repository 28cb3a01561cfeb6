// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The recipes of the cookbook that are about timers.

#include "virtualtime.h"

#include <Tactus/Tactus>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
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
        fetches.append(Tactus::Clock::defaultClock()->now().time_since_epoch());
        if (isDown)
            return failAfter<Answer>(1s, std::make_exception_ptr(std::runtime_error("down")));
        return after(1s, answer);
    }
    // Never answers, but can be canceled.
    QFuture<Answer> hang()
    {
        ++hanging;
        auto promise = std::make_shared<QPromise<Answer>>();
        promise->start();
        auto *watcher = new QFutureWatcher<Answer>(this);
        connect(watcher, &QFutureWatcherBase::canceled, this, [this, promise, watcher] {
            --hanging;
            promise->finish();
            watcher->deleteLater();
        });
        watcher->setFuture(promise->future());
        return promise->future();
    }

    QList<Tactus::Duration> fetches;
    int hanging = 0;
    bool isDown = false;
    Answer answer = QStringLiteral("fine");
};

//! [sampler]
class Sampler : public QObject
{
    Q_OBJECT

public:
    void start()
    {
        m_timer.setTolerance(0ns);
        m_timer.setCallback(this, [this] { Q_EMIT sampled(read()); });
        m_timer.start();
    }

Q_SIGNALS:
    void sampled(double value);

private:
    double read() { return m_value += 0.5; }

    Tactus::ScheduledTimer m_timer{ 1ms, this }; // a child: it moves along
    double m_value = 0;
};
//! [sampler]

} // namespace

class tst_CookbookTimers : public VirtualTimeTest
{
    Q_OBJECT

private Q_SLOTS:
    void heartbeat();
    void backoff();
    void countdown();
    void fullMinute();
    void untilReady();
    void timeout();
    void skipWhenIdle();
    void workerThread();
    void aDay();

private:
    void send(qint64 number) { m_sent.append(number); }
    void note(const QString &text) { m_notes.append(text); }
    void show(const Answer &answer) { m_shown = answer; }

    QList<qint64> m_sent;
    QStringList m_notes;
    Answer m_shown;
};

void tst_CookbookTimers::heartbeat()
{
    //! [heartbeat]
    Tactus::ScheduledTimer heartbeat(1s);
    heartbeat.setCallback(this, [this](const Tactus::Tick &tick) { send(tick.index()); });
    connect(&heartbeat, &Tactus::ScheduledTimer::ticksMissed, this,
            [this](qint64 count) { note(tr("%n beat(s) left out", nullptr, int(count))); });
    heartbeat.start();
    //! [heartbeat]
    clock().advance(2s);
    clock().elapse(3s + 500ms); // the machine is busy
    clock().advance(2s);
    QCOMPARE(m_sent, QList<qint64>({ 1, 2, 5, 6, 7 }));
    QCOMPARE(m_notes.size(), 1);
}

void tst_CookbookTimers::backoff()
{
    Client client;
    //! [backoff]
    Tactus::ScheduledTimer poll(5s, Tactus::ScheduledTimer::Policy::Delay);
    poll.setCallback(this, [&] {
        return client.fetch().then(this, [&](const Answer &answer) {
            poll.setInterval(5s); // does nothing if it is that already
            show(answer);
        });
    });
    connect(&poll, &Tactus::ScheduledTimer::errorOccurred, this,
            [&] { poll.setInterval(std::min<Tactus::Duration>(poll.interval() * 2, 1min)); });
    poll.start();
    //! [backoff]
    client.isDown = true;
    clock().advance(3min + 30s);
    client.isDown = false;
    clock().advance(70s);
    // One second each, then 10, 20, 40, 60, 60 seconds; and 5 again.
    const QList<Tactus::Duration> expected{ 5s, 16s, 37s, 78s, 139s, 200s, 261s, 267s, 273s, 279s };
    QCOMPARE(client.fetches, expected);
    QCOMPARE(m_shown, QStringLiteral("fine"));
}

void tst_CookbookTimers::countdown()
{
    m_sent.clear();
    m_notes.clear();
    //! [countdown]
    Tactus::ScheduledTimer countdown(1s);
    countdown.setTriggeredOnStart(true); // shows 10 at once
    countdown.setMaximumTicks(11);
    countdown.setCallback(this, [this](const Tactus::Tick &tick) { send(10 - tick.index()); });
    connect(&countdown, &Tactus::ScheduledTimer::stopped, this, [this] { note(tr("lift-off")); });
    countdown.start();
    //! [countdown]
    clock().advance(10s - 1ns);
    QCOMPARE(m_sent.size(), 10);
    QVERIFY(m_notes.isEmpty());
    clock().advance(1ns);
    QCOMPARE(m_sent.last(), 0);
    QCOMPARE(m_notes, QStringList(tr("lift-off")));
    clock().advance(1min);
    QCOMPARE(m_sent.size(), 11);
}

void tst_CookbookTimers::fullMinute()
{
    m_sent.clear();
    m_notes.clear();
    //! [full minute]
    Tactus::ScheduledTimer minutes(1min);
    minutes.setTriggeredOnStart(true);
    minutes.setCallback(this, [this](const Tactus::Tick &tick) { send(tick.index()); });

    const auto now = std::chrono::system_clock::now();
    const Tactus::Duration rest = std::chrono::ceil<std::chrono::minutes>(now) - now;
    Tactus::ScheduledTimer alignment(std::max<Tactus::Duration>(rest, 1ns));
    alignment.setMaximumTicks(1);
    connect(&alignment, &Tactus::ScheduledTimer::tick, &minutes, &Tactus::ScheduledTimer::restart);
    alignment.start();
    //! [full minute]
    clock().advance(alignment.interval() - 1ns);
    QVERIFY(m_sent.isEmpty());
    clock().advance(1ns);
    QCOMPARE(m_sent, QList<qint64>({ 0 }));
    clock().advance(2min);
    QCOMPARE(m_sent, QList<qint64>({ 0, 1, 2 }));
}

void tst_CookbookTimers::untilReady()
{
    m_shown.clear();
    Client client;
    client.answer = QStringLiteral("not yet");
    //! [until]
    Tactus::ScheduledTimer poll(2s, Tactus::ScheduledTimer::Policy::Delay);
    poll.setMaximumTicks(30);
    poll.setCallback(this, [&] {
        return client.fetch().then(this, [&](const Answer &answer) {
            if (answer == QStringLiteral("not yet"))
                return;
            poll.stop();
            show(answer);
        });
    });
    poll.start();
    //! [until]
    clock().advance(10s); // asked after 2, 5 and 8 seconds
    QCOMPARE(client.fetches.size(), 3);
    QVERIFY(m_shown.isEmpty());
    client.answer = QStringLiteral("ready");
    clock().advance(1h);
    QCOMPARE(m_shown, QStringLiteral("ready"));
    QCOMPARE(client.fetches.size(), 4);
    QVERIFY(!poll.isRunning());

    client.answer = QStringLiteral("not yet");
    poll.start();
    clock().advance(1h);
    QCOMPARE(client.fetches.size(), 4 + 30);
    QVERIFY(!poll.isRunning());
}

void tst_CookbookTimers::timeout()
{
    m_notes.clear();
    Client client;
    //! [timeout]
    Tactus::ScheduledTimer poll(1min);
    poll.setCallback(&client, &Client::hang);
    poll.setCallbackTimeout(10s); // then its future is asked to cancel
    connect(&poll, &Tactus::ScheduledTimer::timedOut, this, [this] { note(tr("no answer")); });
    poll.start();
    //! [timeout]
    clock().advance(70s);
    QCOMPARE(client.hanging, 1);
    QVERIFY(m_notes.isEmpty());
    clock().advance(1ns); // strictly longer
    QCOMPARE(client.hanging, 0);
    QCOMPARE(m_notes, QStringList(tr("no answer")));
    clock().advance(50s);
    QCOMPARE(client.hanging, 1); // the next one
    poll.cancel();
    clock().advance(0s);
}

void tst_CookbookTimers::skipWhenIdle()
{
    Client client;
    Tactus::ScheduledTimer poll(1min, Tactus::ScheduledTimer::Policy::Delay);
    poll.setCallback(&client, &Client::fetch);
    //! [visible]
    // In a widget's or a window's visibility handler:
    const auto setVisible = [&poll](bool isVisible) { poll.setRunning(isVisible); };
    poll.setTriggeredOnStart(true); // what is shown again is fresh at once
    //! [visible]
    setVisible(true);
    clock().advance(30s);
    QCOMPARE(client.fetches.size(), 1);
    setVisible(false);
    clock().advance(1h);
    QCOMPARE(client.fetches.size(), 1);
    setVisible(true);
    clock().advance(0s);
    QCOMPARE(client.fetches.size(), 2);
}

void tst_CookbookTimers::workerThread()
{
    Tactus::Clock::setDefault(nullptr); // a thread of its own, so the real time
    double last = 0;
    //! [worker]
    QThread thread;
    auto *sampler = new Sampler;
    sampler->moveToThread(&thread);
    connect(&thread, &QThread::started, sampler, &Sampler::start);
    connect(&thread, &QThread::finished, sampler, &QObject::deleteLater);
    connect(sampler, &Sampler::sampled, this, [&last](double value) { last = value; }); // here
    thread.start();
    //! [worker]
    QTRY_VERIFY_WITH_TIMEOUT(last >= 1, 10000);
    //! [worker end]
    thread.quit();
    thread.wait();
    //! [worker end]
    QCoreApplication::sendPostedEvents(this); // samples that were still on their way
}

void tst_CookbookTimers::aDay()
{
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
    //! [day]
    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);
    Application application;

    clock.advance(24h);
    QCOMPARE(application.reports, 24 * 60);
    //! [day]
    Tactus::Clock::setDefault(nullptr);
}

QTEST_GUILESS_MAIN(tst_CookbookTimers)

#include "tst_cookbook_timers.moc"
