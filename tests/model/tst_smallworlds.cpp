// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Every short program over a few operations, each checked against the contract; and programs that
// once found a mistake.

#include "limiterworld.h"
#include "timerworld.h"

#include <QtTest/qtest.h>

#include <sstream>

using namespace Model;
using Operations = std::vector<Operation>;

Q_DECLARE_METATYPE(Model::Program)

namespace {

#ifdef TACTUS_SANITIZED // and slow
constexpr std::size_t Longest = 4;
#else
constexpr std::size_t Longest = 5;
#endif

// How many programs there are over so many operations.
int programsOver(int operations)
{
    int programs = 1;
    for (std::size_t length = 0; length < Longest; ++length)
        programs = 1 + operations * programs;
    return programs;
}

template <typename World>
QByteArray violationIn(const Program &program)
{
    QByteArray violation = violationOf<World>(program);
    if (violation.isEmpty())
        return violation;
    std::ostringstream text;
    text << program;
    return QByteArray::fromStdString(text.str()) + violation;
}

// All programs that begin like this one and go on with up to Longest of the operations; or the first
// that violates the contract.
template <typename World>
QByteArray violationAfter(Program &program, const Operations &operations, int &programs,
                          std::size_t length = 0)
{
    ++programs;
    QByteArray violation = violationIn<World>(program);
    if (length == Longest)
        return violation;
    for (std::size_t i = 0; i < operations.size() && violation.isEmpty(); ++i) {
        program.operations.push_back(operations[i]);
        violation = violationAfter<World>(program, operations, programs, length + 1);
        program.operations.pop_back();
    }
    return violation;
}

Program programOf(const Vocabulary &vocabulary, Operations operations,
                  std::vector<Script> scripts = {})
{
    return { &vocabulary, std::move(operations), std::move(scripts) };
}

} // namespace

class tst_SmallWorlds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { countWarnings(); }

    void everyShortTimerProgram_data();
    void everyShortTimerProgram();
    void everyShortLimiterProgram_data();
    void everyShortLimiterProgram();
    void onceFoundInTheLimiter_data();
    void onceFoundInTheLimiter();

private:
    OtherThread m_otherThread;
};

void tst_SmallWorlds::everyShortTimerProgram_data()
{
    using T = TimerWorld;
    QTest::addColumn<Program>("program");
    for (const int policy : { 0, 1 }) {
        for (const int triggered : { 0, 1 }) {
            const auto add = [&](const char *name, std::vector<Script> scripts) {
                QTest::addRow("%s, %s, %s", policy ? "Delay" : "Fixed",
                              triggered ? "triggered on start" : "not on start", name)
                        << programOf(T::vocabulary(),
                                     { { T::SetPolicy, policy },
                                       { T::SetTriggered, triggered },
                                       { T::SetCallback, 1 } },
                                     std::move(scripts));
            };
            add("synchronous", {});
            add("long", { { T::InCallable, { { T::Elapse, 8 } } } });
            add("asynchronous", { { T::InCallable, { { T::ReturnPending, 0 } } } });
        }
    }
}

void tst_SmallWorlds::everyShortTimerProgram()
{
    using T = TimerWorld;
    QFETCH(Program, program);
    int programs = 0;
    const QByteArray violation = violationAfter<T>(program,
                                                   { { T::Start, 0 },
                                                     { T::Stop, 0 },
                                                     { T::Restart, 0 },
                                                     { T::Finish, 0 },
                                                     { T::Advance, 5 },
                                                     { T::Delete, 0 } },
                                                   programs);
    QVERIFY2(violation.isEmpty(), violation.constData());
    QCOMPARE(programs, programsOver(6));
}

void tst_SmallWorlds::everyShortLimiterProgram_data()
{
    using L = LimiterWorld;
    QTest::addColumn<Program>("program");
    QTest::newRow("a window of one") << programOf(L::vocabulary(), { { L::SetRate, 1 } });
    QTest::newRow("a window of two") << programOf(L::vocabulary(), { { L::SetRate, 2 } });
}

void tst_SmallWorlds::everyShortLimiterProgram()
{
    using L = LimiterWorld;
    QFETCH(Program, program);
    int programs = 0;
    const QByteArray violation = violationAfter<L>(program,
                                                   { { L::Push, L::Returns },
                                                     { L::Push, L::Waits },
                                                     { L::Finish, 0 },
                                                     { L::CancelQueued, 0 },
                                                     { L::CancelRunning, 0 },
                                                     { L::Pause, 0 },
                                                     { L::Resume, 0 },
                                                     { L::Advance, 3 } },
                                                   programs);
    QVERIFY2(violation.isEmpty(), violation.constData());
    QCOMPARE(programs, programsOver(8));
}

void tst_SmallWorlds::onceFoundInTheLimiter_data()
{
    using L = LimiterWorld;
    const auto add = [](const char *name, Operations operations, Script script) {
        QTest::newRow(name) << programOf(L::vocabulary(), std::move(operations),
                                         { std::move(script) });
    };
    QTest::addColumn<Program>("program");
    add("deleted after a timeout: the future's continuation ran again",
        { { L::SetTimeout, 1 }, { L::Push, L::Waits }, { L::Advance, 2 }, { L::Delete, 0 } },
        { L::InFuture, {} });
    add("moved in taskStarted: the last counts were not announced",
        { { L::Post, L::Returns }, { L::Advance, 0 }, { L::Advance, 0 } },
        { L::InStarted, { { L::Move, 0 } } });
    add("moved when a future timed out: taskFailed was not emitted",
        { { L::SetTimeout, 1 }, { L::Push, L::Waits }, { L::Advance, 2 }, { L::Advance, 0 } },
        { L::InFuture, { { L::Move, 0 } } });
}

void tst_SmallWorlds::onceFoundInTheLimiter()
{
    QFETCH(Program, program);
    const QByteArray violation = violationIn<LimiterWorld>(program);
    QVERIFY2(violation.isEmpty(), violation.constData());
}

QTEST_GUILESS_MAIN(tst_SmallWorlds)

#include "tst_smallworlds.moc"
