// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qobject.h>
#include <QtCore/qthread.h>

#include <functional>
#include <memory>

// A thread with an event loop, so that what runs in it waits for nobody else's callbacks. It calls
// begin() with an object that lives there and goes away with it, and ends with this object.
class OwnThread
{
public:
    explicit OwnThread(std::function<void(QObject *owner)> begin);
    ~OwnThread();

private:
    Q_DISABLE_COPY_MOVE(OwnThread)
    std::unique_ptr<QThread> m_thread;
};
