// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "callframe_p.h"

#include <QtCore/qmutex.h>
#include <QtCore/qobject.h>

#include <atomic>
#include <functional>
#include <memory>

QT_FORWARD_DECLARE_CLASS(QThread)

namespace Tactus {

// Tells an object that the thread it lives in ends, or begins again: in that thread.
class ThreadFollower
{
public:
    ThreadFollower(QObject *owner, std::function<void()> finished, std::function<void()> started);

    // From any thread; costs nothing while the thread is the same. If it has ended already, unheard,
    // `ended` is called before anybody else sees that it is followed.
    void follow(QThread *thread, const std::function<void()> &ended = {});
    bool follows(QThread *thread) const { return m_thread == thread; }
    // Another thread may come to have the same address.
    void unfollow();

private:
    Q_DISABLE_COPY_MOVE(ThreadFollower)
    QObject *const m_owner;
    const std::function<void()> m_finished;
    const std::function<void()> m_started;
    QMutex m_mutex;
    std::atomic<QThread *> m_thread = nullptr;
    QMetaObject::Connection m_finishedConnection;
    QMetaObject::Connection m_startedConnection;
};

// The way of an object from one thread to another: from the event that announces the move, which comes
// before it, to what was sent ahead. What is armed on the way would be served in the old thread.
class Relocation
{
public:
    // In that event. `arrived` is called in the thread that the last of several moves leads to.
    void begin(QObject *owner, std::shared_ptr<Mailbox> mailbox, std::function<void()> arrived);
    bool isUnderWay() const { return !m_way.expired(); }

private:
    struct Move
    {
        std::shared_ptr<Mailbox> mailbox;
        std::shared_ptr<void> way; // lasts as long as somebody keeps this
        quint64 number;
        QThread *left;
        std::function<void()> arrived;
    };
    void sendAhead(QObject *owner, Move move);

    std::weak_ptr<void> m_way;
    quint64 m_moves = 0;
};

} // namespace Tactus
