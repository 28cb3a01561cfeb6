// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "eventloop.h"

#include <Tactus/Clock>

#include <chrono>
#include <thread>

using Milliseconds = std::chrono::duration<double, std::milli>;

double EventLoop::now() const
{
    return Milliseconds(Tactus::Clock::system()->now().time_since_epoch()).count();
}

void EventLoop::block(double milliseconds) const
{
    std::this_thread::sleep_for(Milliseconds(milliseconds));
}

CppTimer::CppTimer(QObject *parent)
    : QTimer(parent)
{
    setTimerType(Qt::PreciseTimer);
}
