// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// What only shows between two locks: nobody else can push just there.

#include "taskqueue_p.h"

#include <QtTest/qtest.h>

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

} // namespace

class tst_TaskQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void L11_droppedTasksEndWhereTheyShould_data();
    void L11_droppedTasksEndWhereTheyShould();
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
    TaskQueue queue;
    queue.setBound(1);
    queue.setOverflow(TaskQueue::Overflow::DropOldest);
    TaskPointer first = makeTask();
    LimiterTask *const oldest = first.get();
    QVERIFY(!queue.enter(std::move(first), nullptr, false, true).overflowed);
    const TaskQueue::Entry entry = queue.enter(makeTask(), nullptr, false, inOwnThread);
    QCOMPARE(entry.bound, 1);
    queue.setBound(5);
    const TaskQueue::Dropped dropped = queue.takeDropped();
    QCOMPARE((inOwnThread ? entry.overflowed : dropped.task).get(), oldest);
    QVERIFY(!(inOwnThread ? dropped.task : entry.overflowed));
    if (!inOwnThread)
        QCOMPARE(dropped.bound, 1);
    QCOMPARE(queue.size(), 1);
}

void tst_TaskQueue::L20_droppedTasksEndBeforeThatIsTold()
{
    TaskQueue queue;
    queue.setBound(1);
    queue.setOverflow(TaskQueue::Overflow::DropOldest);
    queue.enter(makeTask(), nullptr, false, false);
    queue.enter(makeTask(), nullptr, false, false);
    QVERIFY(!queue.takeReport());
    QCOMPARE(queue.firstWaitingId(), 1);
    QVERIFY(queue.takeDropped().task);
    const std::optional<TaskQueue::Report> report = queue.takeReport();
    QVERIFY(report);
    QCOMPARE(report->id, 1);
    QCOMPARE(report->result, TaskResult::Failed);
    QVERIFY(!queue.takeReport());
    QCOMPARE(queue.firstWaitingId(), 2);
    QVERIFY(!queue.isEmpty());
    queue.takeFirst();
    QVERIFY(queue.isEmpty());
}

QTEST_GUILESS_MAIN(tst_TaskQueue)
#include "tst_taskqueue.moc"
