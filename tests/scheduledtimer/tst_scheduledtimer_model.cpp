// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Random programs, run on a timer and on a model of it that knows the contract and nothing else:
// time goes by one nanosecond at a time, and slots are found by walking from one to the next.

#include "../readyfuture.h"

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qstringlist.h>
#include <QtTest/qtest.h>

#include <deque>
#include <random>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using namespace Tactus;
using ErrorPolicy = ScheduledTimer::ErrorPolicy;
using Policy = ScheduledTimer::Policy;

namespace {

struct Operation
{
    enum Kind {
        Start,
        Stop,
        Restart,
        SetInterval,
        SetPolicy,
        SetTriggered,
        SetMaximum,
        SetErrorPolicy,
        Elapse,
        Advance,
        FinishFuture,
        FailFuture
    };
    Kind kind;
    qint64 value;
};

// What a callback does: in a slot of tick(), then in the callable, and how that ends.
struct Script
{
    enum End { Returns, Throws, ReturnsFuture };
    std::vector<Operation> inSlot;
    std::vector<Operation> inCallable;
    End end = Returns;
};

struct Program
{
    std::vector<Operation> operations;
    std::vector<Script> scripts; // of the callbacks, in turn; from the beginning again at the end

    const Script &scriptOf(std::size_t callback) const
    {
        return scripts[callback % scripts.size()];
    }
};

// std's distributions differ between standard libraries, and programs must not.
class Dice
{
public:
    explicit Dice(quint32 seed)
        : m_engine(seed)
    {
    }
    qint64 upTo(qint64 most) { return static_cast<qint64>(m_engine()) % (most + 1); }
    bool oneIn(qint64 n) { return upTo(n - 1) == 0; }

private:
    std::mt19937 m_engine;
};

Operation randomOperation(Dice &dice, bool inCallback)
{
    switch (dice.upTo(inCallback ? 9 : 19)) {
    case 0:
    case 15:
        return { Operation::Start, 0 };
    case 1:
        return { Operation::Stop, 0 };
    case 2:
        return { Operation::Restart, 0 };
    case 3:
        return { Operation::SetInterval, 1 + dice.upTo(8) };
    case 4:
        return { Operation::SetPolicy, dice.upTo(1) };
    case 5:
        return { Operation::SetTriggered, dice.upTo(1) };
    case 6:
        return { Operation::SetErrorPolicy, dice.upTo(1) };
    case 7:
    case 8:
    case 9:
        return { Operation::Elapse, dice.upTo(25) };
    case 10:
    case 11:
    case 12:
        return { Operation::FinishFuture, 0 };
    case 13:
        return { Operation::FailFuture, 0 };
    case 14:
        return { Operation::SetMaximum, dice.upTo(6) };
    default:
        return { Operation::Advance, dice.upTo(30) };
    }
}

Program randomProgram(quint32 seed)
{
    Dice dice(seed);
    Program program;
    for (int i = 0; i < 40; ++i)
        program.operations.push_back(randomOperation(dice, false));
    program.operations.insert(program.operations.begin() + dice.upTo(3), { Operation::Start, 0 });
    for (int i = 0; i < 7; ++i) {
        Script script;
        if (dice.oneIn(5))
            script.inSlot.push_back(randomOperation(dice, true));
        if (dice.oneIn(2))
            script.inCallable.push_back({ Operation::Elapse, dice.upTo(25) });
        while (dice.oneIn(4))
            script.inCallable.push_back(randomOperation(dice, true));
        script.end = static_cast<Script::End>(dice.upTo(2));
        program.scripts.push_back(script);
    }
    return program;
}

class Model
{
public:
    explicit Model(const Program &program)
        : m_program(program)
    {
    }

    void run(const Operation &operation)
    {
        switch (operation.kind) {
        case Operation::Start:
            if (!m_running)
                begin();
            break;
        case Operation::Restart:
            begin();
            break;
        case Operation::Stop:
            m_running = false;
            m_stopped = true;
            break;
        case Operation::SetInterval:
            setInterval(operation.value);
            break;
        case Operation::SetPolicy:
            m_policy = static_cast<Policy>(operation.value);
            break;
        case Operation::SetTriggered:
            m_triggered = operation.value != 0;
            break;
        case Operation::SetMaximum:
            m_maximum = operation.value;
            if (m_maximum > 0 && m_tickCount >= m_maximum)
                m_running = false;
            break;
        case Operation::SetErrorPolicy:
            m_errorPolicy = static_cast<ErrorPolicy>(operation.value);
            break;
        case Operation::Elapse:
            m_now += operation.value;
            break;
        case Operation::Advance: {
            const qint64 end = m_now + operation.value;
            settle();
            while (m_now < end) {
                ++m_now;
                settle();
            }
            break;
        }
        case Operation::FinishFuture:
        case Operation::FailFuture:
            if (m_waiting && !m_futureEnded) {
                m_futureEnded = true;
                m_futureFailed = operation.kind == Operation::FailFuture;
            }
            break;
        }
    }

    QString state() const
    {
        return QStringLiteral("now %1 %2 %3 ticks %4 missed %5")
                .arg(m_now)
                .arg(m_running)
                .arg(m_inCallback)
                .arg(m_tickCount)
                .arg(m_missedCount);
    }

    QStringList log;

private:
    // The instant of a slot, reached by steps of one interval.
    struct Slot
    {
        qint64 index;
        qint64 due;
    };
    Slot after(Slot slot) const { return { slot.index + 1, slot.due + m_scheduled }; }
    Slot slotAt(qint64 index) const
    {
        Slot slot{ -1, m_anchor - m_scheduled };
        while (slot.index < index)
            slot = after(slot);
        return slot;
    }

    void begin()
    {
        m_running = true;
        m_tickCount = 0;
        m_missedCount = 0;
        m_unreported = 0;
        ++m_run;
        anchor(m_triggered);
    }

    void anchor(bool withSlotZero)
    {
        m_scheduled = m_interval;
        m_anchor = m_now;
        m_last = withSlotZero ? -1 : 0;
        m_plannedPolicy = m_policy;
        m_planned = slotAt(m_last + 1);
    }

    void setInterval(qint64 interval)
    {
        if (interval == m_interval)
            return;
        m_interval = interval;
        if (!m_running)
            return;
        if (m_plannedPolicy == Policy::Fixed) {
            for (Slot slot = slotAt(m_last + 1); slot.due <= m_now; slot = after(slot)) {
                ++m_missedCount;
                ++m_unreported;
            }
        }
        anchor(false);
    }

    void settle()
    {
        for (;;) {
            if (m_running && !m_inCallback && m_planned.due <= m_now)
                tick();
            else if (m_waiting && m_futureEnded)
                end(m_futureFailed);
            else
                return;
        }
    }

    void tick()
    {
        Slot slot = m_planned;
        if (m_plannedPolicy == Policy::Fixed) {
            while (after(slot).due <= m_now)
                slot = after(slot);
        }
        while (++m_last < slot.index) {
            ++m_missedCount;
            ++m_unreported;
        }
        ++m_tickCount;
        m_inCallback = true;
        m_callbackRun = m_run;
        if (m_maximum > 0 && m_tickCount >= m_maximum)
            m_running = false;
        log.append(QStringLiteral("tick %1 missed %2 due %3 late %4, ")
                           .arg(slot.index)
                           .arg(m_unreported)
                           .arg(slot.due - m_anchor)
                           .arg(m_now - slot.due)
                   + state());
        m_unreported = 0;

        const Script &script = m_program.scriptOf(m_callbacks++);
        m_stopped = false;
        for (const Operation &operation : script.inSlot)
            run(operation);
        if (m_stopped) {
            end(false);
            return;
        }
        log.append(QStringLiteral("call, ") + state());
        for (const Operation &operation : script.inCallable)
            run(operation);
        if (script.end == Script::ReturnsFuture) {
            m_waiting = true;
            m_futureEnded = false;
        } else {
            end(script.end == Script::Throws);
        }
    }

    void end(bool failed)
    {
        m_inCallback = false;
        m_waiting = false;
        if (failed && m_errorPolicy == ErrorPolicy::Stop && m_callbackRun == m_run)
            m_running = false;
        m_plannedPolicy = m_policy;
        if (m_policy == Policy::Fixed) {
            m_planned = slotAt(m_last + 1);
            while (m_planned.due <= m_now)
                m_planned = after(m_planned);
        } else {
            m_last = std::max<qint64>(m_last, 0);
            m_planned = { m_last + 1, m_now + m_scheduled };
        }
        log.append(QStringLiteral("end, ") + state());
    }

    const Program &m_program;
    qint64 m_now = 0;
    bool m_running = false;
    bool m_inCallback = false;
    bool m_waiting = false;
    bool m_futureEnded = false;
    bool m_futureFailed = false;
    bool m_stopped = false;
    bool m_triggered = false;
    qint64 m_interval = 5;
    qint64 m_scheduled = 5; // the interval of the schedule under way
    qint64 m_maximum = 0;
    Policy m_policy = Policy::Fixed;
    Policy m_plannedPolicy = Policy::Fixed;
    ErrorPolicy m_errorPolicy = ErrorPolicy::Continue;
    qint64 m_anchor = 0;
    qint64 m_last = 0;
    Slot m_planned{};
    qint64 m_tickCount = 0;
    qint64 m_missedCount = 0;
    qint64 m_unreported = 0;
    quint64 m_run = 0;
    quint64 m_callbackRun = 0;
    std::size_t m_callbacks = 0;
};

// The same program on the real thing.
class Subject
{
public:
    explicit Subject(const Program &program)
        : m_program(program)
        , timer(5ns)
    {
        timer.setClock(&clock);
        QObject::connect(&timer, &ScheduledTimer::tick, &timer,
                         [this](const Tick &tick) { ticked(tick); });
        QObject::connect(&timer, &ScheduledTimer::ticksMissed, &timer,
                         [this](qint64 count) { m_told += count; });
        QObject::connect(&timer, &ScheduledTimer::completed, &timer, [this] {
            ++completions;
            log.append(QStringLiteral("end, ") + state());
        });
        timer.setCallback([this] { return call(); });
    }

    void run(const Operation &operation)
    {
        switch (operation.kind) {
        case Operation::Start:
            if (timer.start())
                anchored(true);
            break;
        case Operation::Restart:
            timer.restart();
            anchored(true);
            break;
        case Operation::Stop:
            stopFutures.push_back(timer.stop());
            break;
        case Operation::SetInterval:
            if (timer.interval() != Duration(operation.value)) {
                timer.setInterval(Duration(operation.value));
                if (timer.isRunning())
                    anchored(false);
            }
            break;
        case Operation::SetPolicy:
            timer.setPolicy(static_cast<Policy>(operation.value));
            break;
        case Operation::SetTriggered:
            timer.setTriggeredOnStart(operation.value != 0);
            break;
        case Operation::SetMaximum:
            timer.setMaximumTicks(operation.value);
            break;
        case Operation::SetErrorPolicy:
            timer.setErrorPolicy(static_cast<ErrorPolicy>(operation.value));
            break;
        case Operation::Elapse:
            clock.elapse(Duration(operation.value));
            break;
        case Operation::Advance:
            clock.advance(Duration(operation.value));
            break;
        case Operation::FinishFuture:
            if (isWaiting())
                m_promises.back().finish();
            break;
        case Operation::FailFuture:
            if (isWaiting()) {
                m_promises.back().setException(
                        std::make_exception_ptr(std::runtime_error("failed")));
                m_promises.back().finish();
            }
            break;
        }
    }

    void finishAll()
    {
        timer.stop();
        run({ Operation::FinishFuture, 0 });
        clock.advance(0ns);
    }

    QString state() const
    {
        return QStringLiteral("now %1 %2 %3 ticks %4 missed %5")
                .arg(clock.now().time_since_epoch().count())
                .arg(timer.isRunning())
                .arg(timer.isBusy())
                .arg(timer.tickCount())
                .arg(timer.missedCount());
    }

    QStringList log;
    QStringList violations;
    std::vector<QFuture<void>> stopFutures;
    int completions = 0;
    int ticks = 0;
    ManualClock clock;

private:
    bool isWaiting() const
    {
        return !m_promises.empty() && !m_promises.back().future().isFinished();
    }

    void anchored(bool isStart)
    {
        m_sumAtAnchor = isStart ? 0 : timer.tickCount() + timer.missedCount();
        m_withSlotZero = isStart && timer.triggeredOnStart();
        m_anchoredInCallback = timer.isBusy();
        if (isStart)
            m_told = 0;
    }

    // T5: the sum of ticks and missed slots is the number of the tick.
    void checkSum(const Tick &tick)
    {
        const qint64 sum = timer.tickCount() + timer.missedCount() - m_sumAtAnchor;
        qint64 expected = tick.index() + (m_withSlotZero ? 1 : 0);
        // Delay misses nothing: where slot 0 came to nothing, the first tick is simply the first.
        const bool zeroWasNone = m_withSlotZero && m_anchoredInCallback;
        if (sum != expected && !(zeroWasNone && sum == tick.index()))
            violations.append(QStringLiteral("sum %1 at tick %2").arg(sum).arg(tick.index()));
        if (tick.lateness() < 0ns || tick.missed() < 0)
            violations.append(QStringLiteral("negative numbers"));
        if (m_told != timer.missedCount())
            violations.append(QStringLiteral("told of %1 missed slots").arg(m_told));
    }

    void ticked(const Tick &tick)
    {
        ++ticks;
        if (m_inside || isWaiting())
            violations.append(QStringLiteral("overlap"));
        checkSum(tick);
        log.append(QStringLiteral("tick %1 missed %2 due %3 late %4, ")
                           .arg(tick.index())
                           .arg(tick.missed())
                           .arg(tick.due().count())
                           .arg(tick.lateness().count())
                   + state());
        for (const Operation &operation : m_program.scriptOf(m_callbacks++).inSlot)
            run(operation);
    }

    QFuture<void> call()
    {
        log.append(QStringLiteral("call, ") + state());
        if (m_inside || isWaiting())
            violations.append(QStringLiteral("overlap"));
        m_inside = true;
        const Script &script = m_program.scriptOf(m_callbacks - 1);
        for (const Operation &operation : script.inCallable)
            run(operation);
        m_inside = false;
        if (script.end == Script::Throws)
            throw std::runtime_error("failed");
        if (script.end == Script::Returns)
            return readyFuture();
        m_promises.emplace_back().start();
        return m_promises.back().future();
    }

    const Program &m_program;
    std::deque<QPromise<void>> m_promises;
    std::size_t m_callbacks = 0;
    bool m_inside = false;
    qint64 m_sumAtAnchor = 0;
    bool m_withSlotZero = false;
    bool m_anchoredInCallback = false;
    qint64 m_told = 0;

public:
    ScheduledTimer timer; // first to go
};

const char *nameOf(Operation::Kind kind)
{
    static constexpr const char *names[] = { "start",           "stop",
                                             "restart",         "setInterval",
                                             "setPolicy",       "setTriggeredOnStart",
                                             "setMaximumTicks", "setErrorPolicy",
                                             "elapse",          "advance",
                                             "finish",          "fail" };
    return names[kind];
}

} // namespace

class tst_ScheduledTimerModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void T5_randomProgramsAgreeWithTheModel();
};

void tst_ScheduledTimerModel::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_ScheduledTimerModel::T5_randomProgramsAgreeWithTheModel()
{
    qint64 ticks = 0;
    for (quint32 seed = 1; seed <= 3000; ++seed) {
        const Program program = randomProgram(seed);
        Model model(program);
        Subject subject(program);
        QStringList done;
        for (const Operation &operation : program.operations) {
            done.append(QStringLiteral("%1 %2")
                                .arg(QString::fromUtf8(nameOf(operation.kind)))
                                .arg(operation.value));
            model.run(operation);
            subject.run(operation);
            const QString where =
                    QStringLiteral("seed %1: %2\n").arg(seed).arg(done.join(QLatin1String(", ")));
            QVERIFY2(subject.violations.isEmpty(),
                     qUtf8Printable(where + subject.violations.value(0)));
            for (qsizetype i = 0; i < std::max(model.log.size(), subject.log.size()); ++i) {
                if (subject.log.value(i) != model.log.value(i)) {
                    QFAIL(qUtf8Printable(where + subject.log.value(i) + QStringLiteral("\nmodel: ")
                                         + model.log.value(i)));
                }
            }
            if (subject.state() != model.state()) {
                QFAIL(qUtf8Printable(where + subject.state() + QStringLiteral("\nmodel: ")
                                     + model.state()));
            }
            model.log.clear();
            subject.log.clear();
        }
        subject.finishAll();
        ticks += subject.ticks;
        QCOMPARE(subject.completions, subject.ticks);
        QVERIFY(!subject.timer.isBusy());
        QCOMPARE(subject.clock.pendingWakeUps(), 0);
        for (const QFuture<void> &stopped : subject.stopFutures)
            QVERIFY(stopped.isFinished());
    }
    QVERIFY(ticks > 12'000); // the programs are no idle ones
}

QTEST_GUILESS_MAIN(tst_ScheduledTimerModel)

#include "tst_scheduledtimer_model.moc"
