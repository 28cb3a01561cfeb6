// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What only shows between two locks: nobody else can push just there.

#include "taskqueue_p.h"

#include <QtTest/qtest.h>

#include <atomic>
#include <limits>
#include <memory>
#include <optional>

using namespace Tactus;

namespace {

class Task final : public LimiterTask
{
public:
    std::optional<QFuture<void>> run(Detail::ResultGate &) override { return {}; }
};

TaskPointer makeTask()
{
    return std::make_unique<Task>();
}

// Of these, very many may wait.
static_assert(sizeof(LimiterTask) <= 4 * sizeof(void *) + 2 * sizeof(qint64));

} // namespace

// One of a limiter that is never told.
struct Queue
{
    QObject limiter;
    std::atomic<qint64> failed = 0;
    std::atomic<qint64> canceled = 0;
    TaskQueue queue{ &limiter, failed, canceled };
};

constexpr qint64 AnyId = std::numeric_limits<qint64>::max();

class tst_TaskQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void L11_droppedTasksEndWhereTheyShould_data();
    void L11_droppedTasksEndWhereTheyShould();
    void L11_droppedTasksAreBounded_data();
    void L11_droppedTasksAreBounded();
    void L20_droppedTasksEndBeforeThatIsTold();
};

void tst_TaskQueue::L11_droppedTasksEndWhereTheyShould_data()
{
    QTest::addColumn<bool>("inOwnThread");
    QTest::newRow("own thread") << true;
    QTest::newRow("another thread") << false;
}

void tst_TaskQueue::L11_droppedTasksEndWhereTheyShould()
{
    QFETCH(bool, inOwnThread);
    Queue q;
    TaskQueue &queue = q.queue;
    queue.setBound(1);
    queue.setOverflow(TaskQueue::Overflow::DropOldest);
    TaskPointer first = makeTask();
    LimiterTask *const oldest = first.get();
    QVERIFY(!queue.enter(std::move(first), false, true).overflowed);
    const TaskQueue::Entry entry = queue.enter(makeTask(), false, inOwnThread);
    QCOMPARE(entry.bound, 1);
    queue.setBound(5);
    const TaskQueue::Dropped dropped = queue.takeDropped();
    QCOMPARE((inOwnThread ? entry.overflowed : dropped.task).get(), oldest);
    QVERIFY(!(inOwnThread ? dropped.task : entry.overflowed));
    if (!inOwnThread)
        QCOMPARE(dropped.bound, 1);
    QCOMPARE(queue.size(), 1);
}

void tst_TaskQueue::L11_droppedTasksAreBounded_data()
{
    QTest::addColumn<int>("bound");
    QTest::addColumn<int>("most");
    QTest::newRow("1") << 1 << 64;
    QTest::newRow("100") << 100 << 100;
}

// While the limiter's thread is blocked, what has come from others ends in theirs.
void tst_TaskQueue::L11_droppedTasksAreBounded()
{
    QFETCH(int, bound);
    QFETCH(int, most);
    Queue q;
    TaskQueue &queue = q.queue;
    queue.setBound(bound);
    queue.setOverflow(TaskQueue::Overflow::DropOldest);
    TaskPointer local = makeTask();
    LimiterTask *const localTask = local.get();
    queue.enter(std::move(local), false, true);
    for (int i = 1; i < bound; ++i)
        queue.enter(makeTask(), false, false);
    for (int i = 0; i < most; ++i)
        QVERIFY(!queue.enter(makeTask(), false, false).overflowed);
    for (int i = 0; i < 3; ++i) {
        const TaskQueue::Entry entry = queue.enter(makeTask(), false, false);
        QVERIFY(entry.overflowed);
        QVERIFY(entry.overflowed.get() != localTask);
        QCOMPARE(entry.bound, bound);
    }
    QCOMPARE(q.failed.load(), most + 3);
    QCOMPARE(queue.size(), bound);
    QCOMPARE(queue.takeDropped().task.get(), localTask);
    int waiting = 1;
    while (queue.takeDropped().task)
        ++waiting;
    QCOMPARE(waiting, most);
    for (int i = 0; i < most + 3; ++i)
        QVERIFY(queue.takeReport(AnyId));
    QVERIFY(!queue.takeReport(AnyId));
}

void tst_TaskQueue::L20_droppedTasksEndBeforeThatIsTold()
{
    Queue q;
    TaskQueue &queue = q.queue;
    queue.setBound(1);
    queue.setOverflow(TaskQueue::Overflow::DropOldest);
    queue.enter(makeTask(), false, false);
    queue.enter(makeTask(), false, false);
    QVERIFY(!queue.takeReport(AnyId));
    QCOMPARE(queue.firstWaitingId(), 1);
    QVERIFY(queue.takeDropped().task);
    QVERIFY(!queue.takeReport(0));
    const std::optional<TaskQueue::Report> report = queue.takeReport(1);
    QVERIFY(report);
    QCOMPARE(report->id, 1);
    QCOMPARE(report->result, TaskResult::Failed);
    QVERIFY(!queue.takeReport(AnyId));
    QCOMPARE(queue.firstWaitingId(), 2);
    QVERIFY(!queue.isEmpty());
    queue.takeFirst();
    QVERIFY(queue.isEmpty());
}

QTEST_GUILESS_MAIN(tst_TaskQueue)
#include "tst_taskqueue.moc"
