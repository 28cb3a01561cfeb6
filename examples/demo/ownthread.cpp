// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "ownthread.h"

#include <QtCore/qeventloop.h>

#include <utility>

OwnThread::OwnThread(std::function<void(QObject *owner)> begin)
    : m_thread(QThread::create([begin = std::move(begin)] {
        QEventLoop loop;
        QObject owner;
        begin(&owner);
        loop.exec();
    }))
{
    m_thread->start();
}

OwnThread::~OwnThread()
{
    m_thread->quit();
    m_thread->wait();
}
