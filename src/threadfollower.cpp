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

void ThreadFollower::follow(QThread *thread, const std::function<void()> &ended)
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
    if (ended && thread->isFinished())
        ended();
    m_thread = thread;
}

void ThreadFollower::unfollow()
{
    const QMutexLocker locker(&m_mutex);
    QObject::disconnect(m_finishedConnection);
    QObject::disconnect(m_startedConnection);
    m_thread = nullptr;
}

void Relocation::begin(QObject *owner, std::shared_ptr<Mailbox> mailbox,
                       std::function<void()> arrived)
{
    std::shared_ptr<void> way = m_way.lock();
    if (!way)
        m_way = way = std::make_shared<char>();
    sendAhead(owner, Move{ std::move(mailbox), std::move(way), ++m_moves, owner->thread(),
                           std::move(arrived) });
}

void Relocation::sendAhead(QObject *owner, Move move)
{
    auto arrive = [this, owner, move = std::move(move)]() mutable {
        if (!move.mailbox->isOpen() || move.number != m_moves)
            return;
        // Others are told of the move, too, and one of them runs an event loop.
        if (owner->thread() == move.left) {
            sendAhead(owner, std::move(move));
            return;
        }
        move.way.reset();
        move.arrived();
    };
    QMetaObject::invokeMethod(owner, std::move(arrive), Qt::QueuedConnection);
}

} // namespace Tactus
