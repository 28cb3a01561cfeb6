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
    if (m_owner)
        QMetaObject::invokeMethod(m_owner, std::move(work), Qt::QueuedConnection);
}

void Mailbox::close()
{
    const QMutexLocker locker(&m_mutex);
    m_owner = nullptr;
}

CallFrames::~CallFrames()
{
    if (m_mailbox)
        m_mailbox->close();
    release({});
}

void CallFrames::ownerMoves(QObject *owner)
{
    if (!m_innermost)
        return;
    if (!m_mailbox)
        m_mailbox = std::make_shared<Mailbox>(owner);
    release(m_mailbox);
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
