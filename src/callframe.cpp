// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "callframe_p.h"

#include <QtCore/qobject.h>

namespace Tactus {

Mailbox::Mailbox(QObject *owner)
    : m_owner(owner)
{
}

void Mailbox::send(std::function<void()> work)
{
    const QMutexLocker locker(&m_mutex);
    m_work.push_back(std::move(work));
    if (m_owner) {
        QMetaObject::invokeMethod(
                m_owner, [self = shared_from_this()] { self->deliver(); }, Qt::QueuedConnection);
    }
}

void Mailbox::deliver()
{
    std::function<void()> work;
    {
        const QMutexLocker locker(&m_mutex);
        if (!m_owner)
            return; // before its work was discarded, too
        work = std::move(m_work.front());
        m_work.erase(m_work.begin());
    }
    work();
}

bool Mailbox::isOpen() const
{
    const QMutexLocker locker(&m_mutex);
    return m_owner != nullptr;
}

void Mailbox::close()
{
    const QMutexLocker locker(&m_mutex);
    m_owner = nullptr;
}

void Mailbox::discardWork()
{
    std::vector<std::function<void()>> work;
    const QMutexLocker locker(&m_mutex);
    work.swap(m_work);
}

CallFrames::~CallFrames()
{
    release({});
}

const std::shared_ptr<Mailbox> &CallFrames::mailbox(QObject *owner)
{
    if (!m_mailbox)
        m_mailbox = std::make_shared<Mailbox>(owner);
    return m_mailbox;
}

void CallFrames::ownerMoves(QObject *owner)
{
    if (m_innermost)
        release(mailbox(owner));
}

void CallFrames::ownerEnds()
{
    if (m_mailbox)
        m_mailbox->close();
    release({});
}

void CallFrames::discardWork()
{
    if (m_mailbox)
        m_mailbox->discardWork();
}

void CallFrames::release(const std::shared_ptr<Mailbox> &mailbox)
{
    for (CallFrame *frame = m_innermost; frame; frame = frame->m_outer) {
        frame->m_frames = nullptr;
        frame->m_mailbox = mailbox;
    }
    m_innermost = nullptr;
}

void CallFrame::handOn(std::function<void()> work) const
{
    if (m_mailbox)
        m_mailbox->send(std::move(work));
}

} // namespace Tactus
