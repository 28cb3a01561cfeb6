// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "device.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qfuturewatcher.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

using namespace std::chrono_literals;
using Tactus::Duration;
using Tactus::ScheduledTimer;

namespace {

enum Command { ReadTemperature, ReadHumidity, ReadBattery, SetTarget, SetClock, CommandCount };

} // namespace

Device::Device(quint32 seed, QObject *parent)
    : QObject(parent)
    , m_random(seed)
{
}

QString Device::command(qint64 number)
{
    static const std::array<QString, CommandCount> names = {
        tr("Read temperature"), tr("Read humidity"), tr("Read battery"),
        tr("Set target"),       tr("Set clock"),
    };
    return names[static_cast<std::size_t>(number % CommandCount)];
}

QFuture<Reading> Device::measure()
{
    const Duration delay = randomDelay(300ms, 1900ms);
    return answerAfter<Reading>(delay, [this, delay] {
        drift();
        Q_EMIT measured(m_reading, delay);
        return m_reading;
    });
}

QFuture<QString> Device::execute(qint64 commandNumber)
{
    return answerAfter<QString>(randomDelay(30ms, 170ms), [this, commandNumber] {
        if (m_random.bounded(12) == 0)
            throw DeviceError();
        return answerTo(commandNumber);
    });
}

void Device::ping()
{
    Q_EMIT pinged(++m_pingCount);
}

// A timer of one tick per answer, rather than a thread that sleeps: so the device lives in virtual
// time where its user does.
template <typename T>
QFuture<T> Device::answerAfter(Duration delay, std::function<T()> answer)
{
    auto promise = std::make_shared<QPromise<T>>();
    promise->start();

    auto *const timer = new ScheduledTimer(delay, this);
    timer->setMaximumTicks(1);
    timer->setCallback([promise, answer = std::move(answer)] {
        try {
            promise->addResult(answer());
        } catch (...) {
            promise->setException(std::current_exception());
        }
        promise->finish();
    });

    auto *const watcher = new QFutureWatcher<T>(timer);
    connect(watcher, &QFutureWatcherBase::canceled, timer, [promise] { promise->finish(); });
    connect(watcher, &QFutureWatcherBase::finished, timer, &QObject::deleteLater);
    watcher->setFuture(promise->future());

    timer->start();
    return promise->future();
}

Duration Device::randomDelay(Duration shortest, Duration longest)
{
    const auto spread = std::chrono::duration_cast<std::chrono::milliseconds>(longest - shortest);
    return shortest + std::chrono::milliseconds(m_random.bounded(static_cast<int>(spread.count())));
}

QString Device::answerTo(qint64 commandNumber)
{
    switch (commandNumber % CommandCount) {
    case ReadTemperature:
        return tr("%1 °C").arg(m_reading.temperature, 0, 'f', 1);
    case ReadHumidity:
        return tr("%1 %").arg(m_reading.humidity);
    case ReadBattery:
        return tr("87 %");
    default:
        return tr("ok");
    }
}

void Device::drift()
{
    m_reading.temperature = std::clamp(m_reading.temperature + m_random.bounded(0.6) - 0.3, 18.0,
                                       26.0);
    m_reading.humidity = std::clamp(m_reading.humidity + m_random.bounded(-2, 3), 35, 60);
}
