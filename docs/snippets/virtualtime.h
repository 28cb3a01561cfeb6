// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>
#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

// What the code in the documentation is run by: virtual time, and work that takes some of it.

//! [after]
// A future that has the value after so much time.
template <typename T>
QFuture<T> after(Tactus::Duration duration, T value)
{
    auto promise = std::make_shared<QPromise<T>>();
    promise->start();
    auto *timer = new Tactus::ScheduledTimer(duration);
    timer->setMaximumTicks(1);
    QObject::connect(timer, &Tactus::ScheduledTimer::tick, timer,
                     [promise, timer, value = std::move(value)] {
                         promise->addResult(value);
                         promise->finish();
                         timer->deleteLater();
                     });
    timer->start();
    return promise->future();
}
//! [after]

// A future that fails after so much time.
template <typename T>
QFuture<T> failAfter(Tactus::Duration duration, std::exception_ptr error)
{
    return after(duration, T{}).then([error](const T &) -> T { std::rethrow_exception(error); });
}

// The base of the tests: each runs in virtual time of its own, and with no warning that it does not
// expect.
class VirtualTimeTest : public QObject
{
    Q_OBJECT

protected:
    Tactus::ManualClock &clock() { return *m_clock; }
    Tactus::Duration elapsed() const { return m_clock->now().time_since_epoch(); }

private Q_SLOTS:
    //! [fixture]
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
        m_clock = std::make_unique<Tactus::ManualClock>();
        Tactus::Clock::setDefault(m_clock.get());
    }
    void cleanup()
    {
        Tactus::Clock::setDefault(nullptr);
        m_clock->advance(std::chrono::hours(1)); // what is still to come
        m_clock.reset();
    }
    //! [fixture]

private:
    std::unique_ptr<Tactus::ManualClock> m_clock;
};
