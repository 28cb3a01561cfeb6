// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "activitylog.h"
#include "device.h"
#include "requestmodel.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qobject.h>

// Everything but the window: the device, and what keeps an eye on it.
//
//   heartbeat   Fixed: a ping every second, on the second
//   poll        Delay: a measurement, which takes its time; two seconds after its end the next
//   requests    one at a time, no more than the device bears
class DeviceMonitor : public QObject
{
    Q_OBJECT

public:
    explicit DeviceMonitor(quint32 seed, QObject *parent = nullptr);

    void start();

    Device *device() { return &m_device; }
    Tactus::ScheduledTimer *heartbeat() { return &m_heartbeat; }
    Tactus::ScheduledTimer *poll() { return &m_poll; }
    RequestModel *requests() { return &m_requests; }
    const ActivityLog *activity() const { return &m_activity; }

private:
    void logHeartbeat();
    void logPoll();
    void logRequests();

    Device m_device;
    ActivityLog m_activity;
    Tactus::ScheduledTimer m_heartbeat;
    Tactus::ScheduledTimer m_poll;
    RequestModel m_requests;
    qint64 m_runningRequest = 0;
};
