// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Twenty tasks, at most five a second, one at a time and in order.
//
// Expect five at once, five more a second later, and so on for three seconds: the first of the next
// five starts when the first of these five is one second old. At the end the program looks at the
// times it noted and counts for itself: no second, wherever it begins, holds more than five.

#include "../clockoption.h"

#include <Tactus/SerialRateLimiter>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qlist.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;
using Tactus::Clock;
using Tactus::SerialRateLimiter;

namespace {

// The most instants (they are in order) that lie in one window of this length, its end excluded.
qsizetype fullestWindow(const QList<Clock::Instant> &instants, Tactus::Duration length)
{
    qsizetype most = 0;
    for (auto first = instants.cbegin(); first != instants.cend(); ++first) {
        const auto end = std::lower_bound(first, instants.cend(), *first + length);
        most = std::max<qsizetype>(most, end - first);
    }
    return most;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    const ClockOption clockOption;

    SerialRateLimiter limiter(5, 1s);
    const Clock *const clock = limiter.clock();
    const Clock::Instant begin = clock->now();
    QList<Clock::Instant> instants;

    for (int number = 1; number <= 20; ++number) {
        limiter.post([number, clock, begin, &instants] {
            instants.append(clock->now());
            const qint64 elapsed = (instants.last() - begin) / 1ms;
            std::printf("%5lld ms  task %d\n", elapsed, number);
        });
    }
    const qint64 pending = limiter.pendingCount();
    std::printf("%lld tasks are waiting\n", pending);

    QObject::connect(&limiter, &SerialRateLimiter::drained, &app, [&limiter, &instants] {
        const qint64 fullest = fullestWindow(instants, limiter.per());
        std::printf("the fullest second held %lld tasks, %d are allowed\n", fullest, limiter.rate());
        QCoreApplication::exit(fullest <= limiter.rate() ? 0 : 1);
    });
    return QCoreApplication::exec();
}
