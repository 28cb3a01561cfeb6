// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "program.h"

#include <QtCore/qbytearraylist.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>

#include <atomic>
#include <functional>
#include <utility>

namespace Model {

// A thread that does what it is told while whoever tells it waits, and nothing else: with two threads,
// too, a program is the same every time.
class OtherThread : public QThread
{
public:
    OtherThread()
    {
        instance = this;
        start();
    }
    ~OtherThread() override
    {
        instance = nullptr;
        call({});
        wait();
    }

    void call(std::function<void()> work)
    {
        m_work = std::move(work);
        m_begin.release();
        m_end.acquire();
    }

    static inline OtherThread *instance = nullptr;

protected:
    void run() override
    {
        for (bool goesOn = true; goesOn;) {
            m_begin.acquire();
            goesOn = m_work != nullptr;
            if (goesOn)
                m_work();
            m_end.release();
        }
    }

private:
    std::function<void()> m_work;
    QSemaphore m_begin;
    QSemaphore m_end;
};

// How many warnings there were.
inline std::atomic<int> warnings = 0;
inline QtMessageHandler forwardMessages = nullptr;

inline void countWarnings()
{
    forwardMessages = qInstallMessageHandler(
            [](QtMsgType type, const QMessageLogContext &context, const QString &text) {
                if (type == QtWarningMsg)
                    ++warnings;
                else if (forwardMessages)
                    forwardMessages(type, context, text);
            });
}

// What both models are: they are told what the program does, before it does it, and what the real
// thing does. The first thing that the contract does not permit is kept.
class Checker
{
public:
    bool require(bool condition, const char *violated)
    {
        if (!condition && m_violation.isEmpty())
            m_violation = violated;
        return condition;
    }
    const QByteArray &violation() const { return m_violation; }

private:
    QByteArray m_violation;
};

// Runs a program: what is the same for both classes.
class World
{
public:
    explicit World(const Program &program)
        : m_program(program)
        , m_next(program.vocabulary->hooks.size())
    {
    }
    virtual ~World() = default;

    // Empty, or what has been violated, and where.
    QByteArray run()
    {
        for (const Operation &operation : m_program.operations) {
            note(operation);
            if (!isAlive())
                create();
            m_fuel = 16;
            const int before = warnings;
            m_expectedWarnings = 0;
            runIn([&] { m_expectedWarnings += perform(operation); });
            if (!isAlive())
                checkRemains();
            if (warnings - before != m_expectedWarnings)
                fail(warnings - before > m_expectedWarnings ? "an unexpected warning"
                                                            : "a warning is missing");
            if (!violation().isEmpty())
                return violation();
        }
        m_fuel = 0;
        note("the end");
        if (isAlive()) {
            runIn([this] { end(); });
            checkRemains();
        }
        return violation();
    }

    bool traces = false;
    QByteArrayList trace;

protected:
    virtual const QByteArray &violation() const = 0;
    virtual void fail(const char *violated) = 0;
    virtual bool isAlive() const = 0;
    virtual QThread *thread() const = 0; // where the object lives
    virtual void create() = 0;
    virtual int perform(const Operation &operation) = 0; // how many warnings that should make
    virtual void end() = 0;
    virtual void checkRemains() = 0; // of an object that was deleted

    // In the thread of the object.
    void runIn(const std::function<void()> &work)
    {
        if (thread() == QThread::currentThread())
            work();
        else
            OtherThread::instance->call(work);
    }

    // The script of a hook, as long as the object is there.
    void runScript(int hook)
    {
        const Script *const script = nextScript(hook);
        if (script)
            runScript(*script);
    }
    void runScript(const Script &script)
    {
        for (const Operation &operation : script.operations) {
            if (!isAlive() || thread() != QThread::currentThread() || m_fuel <= 0)
                return;
            --m_fuel;
            note(operation);
            m_expectedWarnings += perform(operation);
        }
    }
    const Script *nextScript(int hook)
    {
        const std::size_t count = m_program.scripts.size();
        std::size_t &next = m_next[static_cast<std::size_t>(hook)];
        for (std::size_t i = 0; i < count; ++i) {
            const Script &script = m_program.scripts[next++ % count];
            if (script.hook == hook)
                return &script;
        }
        return nullptr;
    }

    static void spin()
    {
        QEventLoop loop;
        for (int quiet = 0, turns = 0; quiet < 2 && turns < 50; ++turns)
            quiet = loop.processEvents() ? 0 : quiet + 1;
    }

    void note(const Operation &operation)
    {
        if (traces) {
            note(QByteArray("> ")
                 + m_program.vocabulary->words[static_cast<std::size_t>(operation.kind)].name + ' '
                 + QByteArray::number(operation.value));
        }
    }
    void note(const QByteArray &line)
    {
        if (traces)
            trace.append("  " + line);
    }

private:
    const Program &m_program;
    std::vector<std::size_t> m_next;
    int m_fuel = 0;
    int m_expectedWarnings = 0;
};

template <typename SomeWorld>
QByteArray violationOf(const Program &program)
{
    QByteArray violation = SomeWorld(program).run();
    if (violation.isEmpty())
        return violation;
    SomeWorld again(program);
    again.traces = true;
    again.run();
    return violation + "\n" + again.trace.join('\n');
}

} // namespace Model
