// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/SerialRateLimiter>

#include <QtCore/qeventloop.h>

#include <chrono>
#include <limits>

namespace Benchmarks {

// A limiter whose window never limits: what is measured is what the limiter itself costs.
class Unlimited : public Tactus::SerialRateLimiter
{
public:
    Unlimited()
        : SerialRateLimiter(std::numeric_limits<int>::max(), std::chrono::milliseconds(1))
    {
    }

    // Until everything has ended; there must be something.
    void runAll()
    {
        QEventLoop loop;
        connect(this, &SerialRateLimiter::drained, &loop, &QEventLoop::quit);
        loop.exec();
    }
};

} // namespace Benchmarks
