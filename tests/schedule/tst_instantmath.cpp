// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Arithmetic at the edges of time: it ends there instead of going round.

#include "instantmath_p.h"

#include <QtTest/qtest.h>

#include <limits>

using namespace std::chrono_literals;
using namespace Tactus;

namespace {

using Instant = Clock::Instant;
constexpr Instant first = Instant::min();
constexpr Instant last = Instant::max();

Instant at(Duration time)
{
    return Instant(time);
}

} // namespace

class tst_InstantMath : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void C1_addToInstant();
    void C1_addDurations();
    void C1_difference();
    void C1_product();
};

void tst_InstantMath::C1_addToInstant()
{
    QCOMPARE(saturatedAdd(at(3ns), 4ns), at(7ns));
    QCOMPARE(saturatedAdd(at(3ns), -4ns), at(-1ns));
    QCOMPARE(saturatedAdd(last - 1ns, 1ns), last);
    QCOMPARE(saturatedAdd(last, 1ns), last);
    QCOMPARE(saturatedAdd(at(1ns), Duration::max()), last);
    QCOMPARE(saturatedAdd(first + 1ns, -1ns), first);
    QCOMPARE(saturatedAdd(first, -1ns), first);
    QCOMPARE(saturatedAdd(at(-2ns), Duration::min()), first);
}

void tst_InstantMath::C1_addDurations()
{
    QCOMPARE(saturatedAdd(3ns, 4ns), 7ns);
    QCOMPARE(saturatedAdd(Duration::max(), 1ns), Duration::max());
    QCOMPARE(saturatedAdd(1ns, Duration::max()), Duration::max());
    QCOMPARE(saturatedAdd(Duration::min(), -1ns), Duration::min());
    QCOMPARE(saturatedAdd(Duration::max(), Duration::min()), -1ns);
}

void tst_InstantMath::C1_difference()
{
    QCOMPARE(saturatedDifference(at(7ns), at(3ns)), 4ns);
    QCOMPARE(saturatedDifference(at(3ns), at(7ns)), -4ns);
    QCOMPARE(saturatedDifference(last, at(0ns)), Duration::max());
    QCOMPARE(saturatedDifference(last, at(-1ns)), Duration::max());
    QCOMPARE(saturatedDifference(last, first), Duration::max());
    QCOMPARE(saturatedDifference(first, at(1ns)), Duration::min());
    QCOMPARE(saturatedDifference(first, last), Duration::min());
}

void tst_InstantMath::C1_product()
{
    QCOMPARE(saturatedProduct(3ns, 4), 12ns);
    QCOMPARE(saturatedProduct(Duration::max(), 1), Duration::max());
    QCOMPARE(saturatedProduct(Duration::max(), 2), Duration::max());
    QCOMPARE(saturatedProduct(1h, std::numeric_limits<qint64>::max()), Duration::max());
    QCOMPARE(saturatedProduct(Duration::zero(), std::numeric_limits<qint64>::max()), 0ns);
}

QTEST_APPLESS_MAIN(tst_InstantMath)

#include "tst_instantmath.moc"
