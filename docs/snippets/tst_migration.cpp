// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The code of the page "Migrating from QTimer". What is there before is compiled, and never run: it is
// in real time. What is there after is run.

#include "virtualtime.h"

#include <Tactus/Tactus>

#include <QtCore/qqueue.h>
#include <QtCore/qtimer.h>

#include <functional>

using namespace std::chrono_literals;

namespace {

using Answer = int;

class Client : public QObject
{
    Q_OBJECT

public:
    QFuture<Answer> fetch()
    {
        ++fetches;
        return after(2s, 42);
    }
    int fetches = 0;
};

using Request = std::function<QFuture<Answer>()>;

} // namespace

namespace Before {

class Poller : public QObject
{
    Q_OBJECT

public:
    void repeat();
    void guard();
    void chain();
    void stop();

private:
    void refresh() {}
    void show(const Answer &answer) { m_shown = answer; }
    void closeDevice() {}

    Client m_client;
    Answer m_shown = 0;
    bool m_isFetching = false;
    bool m_isStopped = false;
    QTimer m_timer;
};

void Poller::repeat()
{
    //! [repeat before]
    auto *timer = new QTimer(this);
    timer->setInterval(1000);
    timer->setTimerType(Qt::PreciseTimer);
    connect(timer, &QTimer::timeout, this, &Poller::refresh);
    timer->start();
    //! [repeat before]
}

void Poller::guard()
{
    //! [guard before]
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_isFetching)
            return; // the last one is not back yet: skip this one, and nobody knows
        m_isFetching = true;
        m_client.fetch()
                .then(this,
                      [this](const Answer &answer) {
                          m_isFetching = false;
                          show(answer);
                      })
                .onFailed(this, [this] { m_isFetching = false; })
                .onCanceled(this, [this] { m_isFetching = false; });
    });
    //! [guard before]
}

//! [chain before]
void Poller::chain()
{
    if (m_isStopped)
        return;
    m_client.fetch().then(this, [this](const Answer &answer) {
        show(answer);
        QTimer::singleShot(5000, this, &Poller::chain); // never again after the first error
    });
}
//! [chain before]

void Poller::stop()
{
    //! [stop before]
    m_isStopped = true;
    m_timer.stop();
    if (!m_isFetching)
        closeDevice(); // and otherwise? In three other places.
    //! [stop before]
}

//! [queue before]
class Sender : public QObject
{
    Q_OBJECT

public:
    Sender()
    {
        m_timer.setInterval(200); // 5 a second
        connect(&m_timer, &QTimer::timeout, this, [this] {
            if (!m_queue.isEmpty())
                m_queue.dequeue()(); // started 200 ms apart; when they arrive is another matter
        });
        m_timer.start();
    }
    void send(const Request &request) { m_queue.enqueue(request); }

private:
    QQueue<Request> m_queue;
    QTimer m_timer;
};
//! [queue before]

} // namespace Before

class tst_Migration : public VirtualTimeTest
{
    Q_OBJECT

private Q_SLOTS:
    void repeat();
    void guard();
    void chain();
    void stop();
    void queue();
    void test();

private:
    void refresh() { ++m_refreshes; }
    void show(const Answer &answer) { m_shown = answer; }
    void closeDevice() { m_isClosed = true; }

    int m_refreshes = 0;
    Answer m_shown = 0;
    bool m_isClosed = false;
};

void tst_Migration::repeat()
{
    //! [repeat after]
    auto *timer = new Tactus::ScheduledTimer(1s, this);
    connect(timer, &Tactus::ScheduledTimer::tick, this, [this] { refresh(); });
    timer->start();
    //! [repeat after]
    clock().advance(10s);
    QCOMPARE(m_refreshes, 10);
    delete timer;

    m_refreshes = 0;
    //! [every after]
    Tactus::every(1s, this, [this] { refresh(); });
    //! [every after]
    clock().advance(10s);
    QCOMPARE(m_refreshes, 10);
    qDeleteAll(findChildren<Tactus::ScheduledTimer *>());
}

void tst_Migration::guard()
{
    Client m_client;
    Tactus::ScheduledTimer m_timer(1s);
    //! [guard after]
    m_timer.setCallback(this, [this, &m_client] {
        return m_client.fetch().then(this, [this](const Answer &answer) { show(answer); });
    });
    //! [guard after]
    m_timer.start();
    clock().advance(10s);
    QCOMPARE(m_client.fetches, 4); // at 1, 4, 7 and 10
    QCOMPARE(m_timer.missedCount(), 6);
    QCOMPARE(m_shown, 42);
}

void tst_Migration::chain()
{
    Client m_client;
    Tactus::ScheduledTimer m_timer;
    //! [chain after]
    m_timer.setInterval(5s);
    m_timer.setPolicy(Tactus::ScheduledTimer::Policy::Delay);
    m_timer.setTriggeredOnStart(true);
    m_timer.setCallback(this, [this, &m_client] {
        return m_client.fetch().then(this, [this](const Answer &answer) { show(answer); });
    });
    m_timer.start();
    //! [chain after]
    clock().advance(20s);
    QCOMPARE(m_client.fetches, 3); // at 0, 7 and 14
}

void tst_Migration::stop()
{
    Client m_client;
    Tactus::ScheduledTimer m_timer(1s);
    m_timer.setCallback(&m_client, &Client::fetch);
    m_timer.start();
    clock().advance(1s);
    //! [stop after]
    m_timer.stop().then(this, [this] { closeDevice(); });
    //! [stop after]
    clock().advance(1s);
    QVERIFY(!m_isClosed);
    clock().advance(1s);
    QVERIFY(m_isClosed);
    QCOMPARE(m_client.fetches, 1);
}

void tst_Migration::queue()
{
    Client m_client;
    const Request request = [&m_client] { return m_client.fetch(); };
    //! [queue after]
    Tactus::SerialRateLimiter m_sender(5, 1s);
    auto answer = m_sender.push(request);
    //! [queue after]
    clock().advance(2s);
    QCOMPARE(answer.result(), 42);
}

void tst_Migration::test()
{
    struct Report
    {
        Report()
        {
            timer.setCallback([this] { ++count; });
            timer.start();
        }
        Tactus::ScheduledTimer timer{ 1h };
        int count = 0;
    };
    //! [test after]
    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);
    Report report;
    clock.advance(24h); // not QTest::qWait()
    QCOMPARE(report.count, 24);
    //! [test after]
    Tactus::Clock::setDefault(nullptr);
}

QTEST_GUILESS_MAIN(tst_Migration)

#include "tst_migration.moc"
