// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

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

    // From any thread; costs nothing while the thread is the same.
    void follow(QThread *thread);
    bool follows(QThread *thread) const { return m_thread == thread; }
    // Calls something that is not to cross with an unfollow().
    void ifFollowed(const QThread *thread, const std::function<void()> &function);
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
    // The way lasts as long as somebody keeps this. Moves may follow one another: then it is one way.
    std::shared_ptr<void> begin();
    bool isUnderWay() const { return !m_token.expired(); }

private:
    std::weak_ptr<void> m_token;
};

} // namespace Tactus
