// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qglobal.h>
#include <QtCore/qmutex.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QObject)

namespace Tactus {

// User code that an object calls may delete the object or move it to another thread. After each
// such call the caller asks its CallFrame whether the object is still its own; the object tells
// all frames on its stack when it leaves.

// The address of an object that may move between threads and die: work sent to it arrives in the
// thread it lives in, or nowhere. The work waits here, and not in the event that tells of it, which Qt
// discards under a lock when the application object is destroyed.
class Mailbox : public std::enable_shared_from_this<Mailbox>
{
public:
    explicit Mailbox(QObject *owner);

    // From any thread.
    void send(std::function<void()> work);

    // In the owner's thread. Whatever comes after its end asks this first.
    bool isOpen() const;
    // Nothing arrives any more. What has not arrived lives on, until it is discarded or this goes.
    void close();
    void discardWork();

private:
    Q_DISABLE_COPY_MOVE(Mailbox)
    void deliver();

    mutable QMutex m_mutex;
    QObject *m_owner;
    std::vector<std::function<void()>> m_work; // in the order in which it was sent
};

class CallFrame;

// The owner's side: the frames that are on the stack now, innermost first.
class CallFrames
{
public:
    CallFrames() = default;
    ~CallFrames();

    // Made by the first call.
    const std::shared_ptr<Mailbox> &mailbox(QObject *owner);

    void ownerMoves(QObject *owner);
    // It is being destroyed: before any code of the user's runs.
    void ownerEnds();
    // When all the rest of the owner has ended: that may run user code, too.
    void discardWork();

    // Makes one call after the other; those that are left when the owner moves are made over there,
    // and when it is deleted not at all.
    template <typename First, typename... Rest>
    void inTurn(First first, Rest... rest);

private:
    Q_DISABLE_COPY_MOVE(CallFrames)
    friend class CallFrame;
    void release(const std::shared_ptr<Mailbox> &mailbox);
    CallFrame *m_innermost = nullptr;
    std::shared_ptr<Mailbox> m_mailbox;
};

class CallFrame
{
public:
    inline explicit CallFrame(CallFrames &frames);
    inline ~CallFrame();

    // Whether the owner was deleted, or is another thread's now: touch nothing of it any more.
    bool left() const { return m_frames == nullptr; }

    // For work that has to go on in the owner's new thread. Null if it was deleted.
    const std::shared_ptr<Mailbox> &mailbox() const { return m_mailbox; }

    // Hands work on to the owner's new thread, if it moved.
    void handOn(std::function<void()> work) const;

private:
    Q_DISABLE_COPY_MOVE(CallFrame)
    friend class CallFrames;
    CallFrames *m_frames;
    CallFrame *m_outer;
    std::shared_ptr<Mailbox> m_mailbox;
};

// Where frames are made inline, GCC does not see that the owner lets go of those it leaves behind.
QT_WARNING_PUSH
#if defined(Q_CC_GNU_ONLY) && Q_CC_GNU_ONLY >= 1200
QT_WARNING_DISABLE_GCC("-Wdangling-pointer")
#endif

CallFrame::CallFrame(CallFrames &frames)
    : m_frames(&frames)
    , m_outer(frames.m_innermost)
{
    frames.m_innermost = this;
}

CallFrame::~CallFrame()
{
    if (m_frames)
        m_frames->m_innermost = m_outer;
}

QT_WARNING_POP

template <typename First, typename... Rest>
void CallFrames::inTurn(First first, Rest... rest)
{
    CallFrame frame(*this);
    first();
    if constexpr (sizeof...(Rest) > 0) {
        if (!frame.left())
            inTurn(std::move(rest)...);
        else
            frame.handOn([this, rest...] { inTurn(rest...); });
    }
}

} // namespace Tactus
