// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "threadfollower_p.h"

#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

using namespace Tactus;

namespace {

// Starts and ends at once. Both are told in the thread itself, which is waited for.
class Thread : public QThread
{
public:
    void startAndEnd()
    {
        start();
        QVERIFY(wait());
    }

private:
    void run() override {}
};

// What is told, and how often.
struct Told
{
    int finished = 0;
    int started = 0;
    QObject owner;
    ThreadFollower follower{ &owner, [this] { ++finished; }, [this] { ++started; } };
};

} // namespace

class tst_ThreadFollower : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startAndEnd();
    void onlyOne();
    void onlyWhileTheOwnerLivesThere();
    void unfollow();
    void endedUnheard();
};

void tst_ThreadFollower::startAndEnd()
{
    Thread thread;
    Told told;
    told.owner.moveToThread(&thread);
    QVERIFY(!told.follower.follows(&thread));
    told.follower.follow(&thread);
    told.follower.follow(&thread); // no second time
    QVERIFY(told.follower.follows(&thread));
    thread.startAndEnd();
    QCOMPARE(told.started, 1);
    QCOMPARE(told.finished, 1);
    thread.startAndEnd();
    QCOMPARE(told.started, 2);
    QCOMPARE(told.finished, 2);
}

void tst_ThreadFollower::onlyOne()
{
    Thread thread;
    Thread later;
    Told told;
    told.owner.moveToThread(&thread);
    told.follower.follow(&thread);
    told.follower.follow(&later);
    QVERIFY(!told.follower.follows(&thread));
    thread.startAndEnd();
    QCOMPARE(told.started, 0);
    QCOMPARE(told.finished, 0);
}

// Another thread that asks for it may be late: the owner has moved meanwhile.
void tst_ThreadFollower::onlyWhileTheOwnerLivesThere()
{
    Thread thread;
    Told told;
    told.follower.follow(&thread);
    thread.startAndEnd();
    QCOMPARE(told.started, 0);
    QCOMPARE(told.finished, 0);
}

void tst_ThreadFollower::unfollow()
{
    Thread thread;
    Told told;
    told.owner.moveToThread(&thread);
    told.follower.follow(&thread);
    told.follower.unfollow();
    QVERIFY(!told.follower.follows(&thread));
    thread.startAndEnd();
    QCOMPARE(told.started, 0);
    QCOMPARE(told.finished, 0);
    told.follower.follow(&thread); // the same again
    thread.startAndEnd();
    QCOMPARE(told.started, 1);
    QCOMPARE(told.finished, 1);
}

// It is said before anybody else takes it for one that is followed, and would not ask.
void tst_ThreadFollower::endedUnheard()
{
    Thread thread;
    Told told;
    int ended = 0;
    told.follower.follow(&thread, [&ended] { ++ended; });
    QCOMPARE(ended, 0);
    told.follower.unfollow();
    thread.startAndEnd();
    told.follower.follow(&thread, [&] {
        ++ended;
        QVERIFY(!told.follower.follows(&thread));
    });
    QCOMPARE(ended, 1);
    QVERIFY(told.follower.follows(&thread));
    told.follower.follow(&thread, [&ended] { ++ended; });
    QCOMPARE(ended, 1);
    QCOMPARE(told.finished, 0);
}

QTEST_GUILESS_MAIN(tst_ThreadFollower)
#include "tst_threadfollower.moc"
