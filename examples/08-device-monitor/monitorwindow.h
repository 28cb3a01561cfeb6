// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "eventlooppulse.h"

#include <Tactus/ScheduledTimer>

#include <QtWidgets/qlabel.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qspinbox.h>
#include <QtWidgets/qwidget.h>

class ActivityView;
class Card;
class DeviceMonitor;
class MutedLabel;
class PulseView;
class RequestView;
class ValueCard;

class MonitorWindow : public QWidget
{
    Q_OBJECT

public:
    explicit MonitorWindow(DeviceMonitor *monitor, QWidget *parent = nullptr);

    const EventLoopPulse *pulse() const { return &m_pulse; }

private:
    void makeTop();
    void makeActivity();
    void makeRequests();
    QLayout *makeQueueLine();
    QLayout *makeButtons();

    void connectDevice();
    void connectQueue();
    void connectButtons();

    void showQueue();
    void showCounts();
    void showPaused();
    void showCancelable();
    void showPulse();

    DeviceMonitor *const m_monitor;
    EventLoopPulse m_pulse;
    Tactus::ScheduledTimer m_refresh;

    ValueCard *m_heartbeatCard = nullptr;
    ValueCard *m_pollCard = nullptr;
    ValueCard *m_pulseCard = nullptr;
    PulseView *m_pulseView = nullptr;
    ActivityView *m_activityView = nullptr;
    Card *m_requestsCard = nullptr;
    RequestView *m_requestView = nullptr;

    QLabel *m_queueLength = nullptr;
    QLabel *m_estimatedWait = nullptr;
    MutedLabel *m_counts = nullptr;
    QSpinBox *m_rate = nullptr;
    QPushButton *m_send = nullptr;
    QPushButton *m_sendMany = nullptr;
    QPushButton *m_pause = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_clear = nullptr;
};
