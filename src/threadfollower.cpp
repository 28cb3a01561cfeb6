// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "threadfollower_p.h"

#include <QtCore/qthread.h>

#include <utility>

namespace Tactus {

ThreadFollower::ThreadFollower(QObject *owner, std::function<void()> finished,
                               std::function<void()> started)
    : m_owner(owner)
    , m_finished(std::move(finished))
    , m_started(std::move(started))
{
}

void ThreadFollower::follow(QThread *thread)
{
    if (m_thread == thread)
        return;
    // Both signals are emitted in the thread itself. By then the owner may live in another one.
    const auto ifStillThere = [owner = m_owner, thread](const std::function<void()> &function) {
        return [owner, thread, &function] {
            if (owner->thread() == thread)
                function();
        };
    };
    const QMutexLocker locker(&m_mutex);
    QObject::disconnect(m_finishedConnection);
    QObject::disconnect(m_startedConnection);
    m_finishedConnection = QObject::connect(thread, &QThread::finished, m_owner,
                                            ifStillThere(m_finished), Qt::DirectConnection);
    m_startedConnection = QObject::connect(thread, &QThread::started, m_owner,
                                           ifStillThere(m_started), Qt::DirectConnection);
    m_thread = thread;
}

void ThreadFollower::ifFollowed(const QThread *thread, const std::function<void()> &function)
{
    const QMutexLocker locker(&m_mutex);
    if (m_thread == thread)
        function();
}

void ThreadFollower::unfollow()
{
    const QMutexLocker locker(&m_mutex);
    QObject::disconnect(m_finishedConnection);
    QObject::disconnect(m_startedConnection);
    m_thread = nullptr;
}

std::shared_ptr<void> Relocation::begin()
{
    std::shared_ptr<void> token = m_token.lock();
    if (!token)
        m_token = token = std::make_shared<char>();
    return token;
}

} // namespace Tactus
