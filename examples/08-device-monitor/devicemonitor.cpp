// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "devicemonitor.h"

#include <Tactus/SerialRateLimiter>
#include <Tactus/Tick>

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;
using Tactus::Tick;

DeviceMonitor::DeviceMonitor(quint32 seed, QObject *parent)
    : QObject(parent)
    , m_device(seed)
    , m_heartbeat(1s, ScheduledTimer::Policy::Fixed)
    , m_poll(2s, ScheduledTimer::Policy::Delay)
    , m_requests(&m_device)
{
    connect(&m_heartbeat, &ScheduledTimer::tick, &m_device, &Device::ping);
    m_poll.setCallback(&m_device, &Device::measure); // returns a future, which is waited for
    logHeartbeat();
    logPoll();
    logRequests();
}

void DeviceMonitor::start()
{
    m_heartbeat.start();
    m_poll.start();
}

void DeviceMonitor::logHeartbeat()
{
    connect(&m_heartbeat, &ScheduledTimer::tick, &m_activity, [this](const Tick &tick) {
        const auto due = m_activity.now() - tick.lateness();
        for (qint64 back = std::min<qint64>(tick.missed(), 30); back > 0; --back) {
            m_activity.mark(ActivityLog::Heartbeat, due - back * m_heartbeat.interval(),
                            ActivityLog::Kind::Missed);
        }
        m_activity.mark(ActivityLog::Heartbeat, m_activity.now());
    });
}

void DeviceMonitor::logPoll()
{
    connect(&m_poll, &ScheduledTimer::tick, &m_activity,
            [this] { m_activity.begin(ActivityLog::Poll); });
    connect(&m_poll, &ScheduledTimer::errorOccurred, &m_activity,
            [this] { m_activity.end(ActivityLog::Poll, ActivityLog::Kind::Failed); });
    connect(&m_poll, &ScheduledTimer::completed, &m_activity,
            [this] { m_activity.end(ActivityLog::Poll, ActivityLog::Kind::Good); });
}

void DeviceMonitor::logRequests()
{
    const SerialRateLimiter *const limiter = m_requests.limiter();
    connect(limiter, &SerialRateLimiter::taskStarted, &m_activity, [this](qint64 id) {
        m_runningRequest = id;
        m_activity.begin(ActivityLog::Requests);
    });
    connect(limiter, &SerialRateLimiter::taskCompleted, &m_activity,
            [this] { m_activity.end(ActivityLog::Requests, ActivityLog::Kind::Good); });
    connect(limiter, &SerialRateLimiter::taskFailed, &m_activity,
            [this] { m_activity.end(ActivityLog::Requests, ActivityLog::Kind::Failed); });
    connect(limiter, &SerialRateLimiter::taskCanceled, &m_activity, [this](qint64 id) {
        if (id == m_runningRequest) // most that are canceled have never run
            m_activity.end(ActivityLog::Requests, ActivityLog::Kind::Canceled);
    });
}
