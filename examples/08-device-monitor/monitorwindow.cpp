// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "monitorwindow.h"

#include "activityview.h"
#include "card.h"
#include "devicemonitor.h"
#include "formatting.h"
#include "pulseview.h"
#include "requestview.h"

#include <Tactus/SerialRateLimiter>

#include <QtCore/qitemselectionmodel.h>
#include <QtGui/qshortcut.h>
#include <QtWidgets/qboxlayout.h>

#include <chrono>

using namespace std::chrono_literals;
using Tactus::Duration;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;
using Tactus::Tick;

namespace {

constexpr int Many = 100'000;

QLabel *makeFigure(const QString &name, const QString &description)
{
    auto *const label = new QLabel;
    label->setAccessibleDescription(description);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    label->setFont(font);
    label->setObjectName(name);
    return label;
}

QPushButton *makeButton(const QString &text, const QString &name, const QString &toolTip)
{
    auto *const button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(toolTip);
    button->setMinimumSize(button->sizeHint().width() + 12, 28);
    return button;
}

} // namespace

MonitorWindow::MonitorWindow(DeviceMonitor *monitor, QWidget *parent)
    : QWidget(parent)
    , m_monitor(monitor)
    , m_refresh(50ms)
{
    setWindowTitle(tr("Device monitor"));
    auto *const layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);

    makeTop();
    makeActivity();
    makeRequests();

    connectDevice();
    connectQueue();
    connectButtons();
    m_refresh.start();
    m_requestView->setFocus();

    showQueue();
    showCounts();
    showPaused();
    showCancelable();
}

void MonitorWindow::makeTop()
{
    m_heartbeatCard = new ValueCard(tr("Heartbeat"), tr("every second"));
    m_heartbeatCard->setValue(tr("–"));
    m_heartbeatCard->setDetail(tr("no beat yet"));

    m_pollCard = new ValueCard(tr("Poll"), tr("2 s after the last"));
    m_pollCard->setValue(tr("–"));
    m_pollCard->setDetail(tr("no answer yet"));

    m_pulseCard = new ValueCard(tr("Event loop"), tr("last 10 s"));
    m_pulseCard->setDetail(tr("the longest that any event had to wait"));
    m_pulseView = new PulseView(&m_pulse);
    m_pulseCard->addBeside(m_pulseView);

    auto *const row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_heartbeatCard, 2);
    row->addWidget(m_pollCard, 2);
    row->addWidget(m_pulseCard, 3);
    static_cast<QVBoxLayout *>(layout())->addLayout(row);
}

void MonitorWindow::makeActivity()
{
    auto *const card = new Card(tr("Activity"));
    card->header()->addWidget(new MutedLabel(tr("last 20 s")));
    m_activityView = new ActivityView(m_monitor->activity());
    card->body()->addWidget(m_activityView);
    layout()->addWidget(card);
}

void MonitorWindow::makeRequests()
{
    m_requestsCard = new Card(tr("Requests"));
    m_counts = new MutedLabel;
    m_counts->setObjectName(QStringLiteral("counts"));
    m_rate = new QSpinBox;
    m_rate->setObjectName(QStringLiteral("rate"));
    m_rate->setAccessibleName(tr("Most requests per second"));
    m_rate->setRange(1, 1000);
    m_rate->setValue(m_monitor->requests()->limiter()->rate());
    QHBoxLayout *const header = m_requestsCard->header();
    header->setSpacing(6);
    header->insertWidget(1, new MutedLabel(tr("one at a time, at most")));
    header->insertWidget(2, m_rate);
    header->insertWidget(3, new MutedLabel(tr("per second")));
    header->addWidget(m_counts);

    m_requestView = new RequestView(m_monitor->requests());
    m_requestView->setObjectName(QStringLiteral("requests"));
    m_requestsCard->body()->addLayout(makeQueueLine());
    m_requestsCard->body()->addWidget(m_requestView, 1);
    static_cast<QVBoxLayout *>(layout())->addWidget(m_requestsCard, 1);
}

QLayout *MonitorWindow::makeQueueLine()
{
    m_queueLength = makeFigure(QStringLiteral("queueLength"), tr("Requests waiting"));
    m_estimatedWait = makeFigure(QStringLiteral("estimatedWait"), tr("Estimated wait"));
    auto *const line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_queueLength);
    line->addWidget(new MutedLabel(tr("waiting")));
    line->addSpacing(16);
    line->addWidget(m_estimatedWait);
    line->addWidget(new MutedLabel(tr("estimated wait")));
    line->addStretch();
    line->addLayout(makeButtons());
    return line;
}

QLayout *MonitorWindow::makeButtons()
{
    m_send = makeButton(tr("Send one"), QStringLiteral("send"), tr("Queue one more request"));
    m_sendMany = makeButton(tr("Queue 100,000"), QStringLiteral("sendMany"),
                            tr("Queue 100,000 more requests"));
    m_pause = makeButton(tr("Pause"), QStringLiteral("pause"), tr("Send no more for now"));
    m_cancel = makeButton(tr("Cancel"), QStringLiteral("cancel"),
                          tr("Cancel the selected request (Del)"));
    m_clear = makeButton(tr("Clear"), QStringLiteral("clear"), tr("Cancel all that wait"));

    auto *const line = new QHBoxLayout;
    line->setSpacing(8);
    for (QPushButton *button : { m_send, m_sendMany, m_pause, m_cancel, m_clear })
        line->addWidget(button);
    return line;
}

void MonitorWindow::connectDevice()
{
    ScheduledTimer *const heartbeat = m_monitor->heartbeat();
    connect(m_monitor->device(), &Device::pinged, this, [this](qint64 count) {
        m_heartbeatCard->setValue(count == 1 ? tr("1 beat")
                                             : tr("%1 beats").arg(formatNumber(count)));
    });
    connect(heartbeat, &ScheduledTimer::tick, this, [this, heartbeat](const Tick &tick) {
        m_heartbeatCard->setDetail(tr("%1 missed, the last one %2 late")
                                           .arg(heartbeat->missedCount())
                                           .arg(formatMilliseconds(tick.lateness())));
    });

    connect(m_monitor->device(), &Device::measured, this,
            [this](const Reading &reading, Duration took) {
                m_pollCard->setValue(
                        tr("%1 °C   %2 %").arg(reading.temperature, 0, 'f', 1).arg(reading.humidity));
                m_pollCard->setDetail(tr("answered after %1").arg(formatDuration(took)));
            });
    connect(m_monitor->poll(), &ScheduledTimer::tick, this,
            [this] { m_pollCard->setDetail(tr("measuring …")); });
}

void MonitorWindow::connectQueue()
{
    const SerialRateLimiter *const limiter = m_monitor->requests()->limiter();
    connect(limiter, &SerialRateLimiter::pendingCountChanged, this, &MonitorWindow::showQueue);
    connect(limiter, &SerialRateLimiter::completedCountChanged, this, &MonitorWindow::showCounts);
    connect(limiter, &SerialRateLimiter::failedCountChanged, this, &MonitorWindow::showCounts);
    connect(limiter, &SerialRateLimiter::canceledCountChanged, this, &MonitorWindow::showCounts);
    connect(limiter, &SerialRateLimiter::pausedChanged, this, &MonitorWindow::showPaused);

    connect(m_requestView->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &MonitorWindow::showCancelable);
    connect(m_monitor->requests(), &QAbstractItemModel::dataChanged, this,
            &MonitorWindow::showCancelable);

    connect(&m_refresh, &ScheduledTimer::tick, this, &MonitorWindow::showQueue);
    connect(&m_refresh, &ScheduledTimer::tick, this, &MonitorWindow::showPulse);
    connect(&m_refresh, &ScheduledTimer::tick, m_activityView, qOverload<>(&QWidget::update));
}

void MonitorWindow::connectButtons()
{
    RequestModel *const requests = m_monitor->requests();
    SerialRateLimiter *const limiter = requests->limiter();
    connect(m_send, &QPushButton::clicked, requests, [requests] { requests->add(1); });
    connect(m_sendMany, &QPushButton::clicked, requests, [requests] { requests->add(Many); });
    connect(m_pause, &QPushButton::clicked, limiter,
            [limiter] { limiter->setPaused(!limiter->isPaused()); });
    connect(m_cancel, &QPushButton::clicked, requests,
            [this, requests] { requests->cancel(m_requestView->currentIndex()); });
    auto *const deleteKey = new QShortcut(QKeySequence::Delete, m_requestView);
    deleteKey->setContext(Qt::WidgetShortcut);
    connect(deleteKey, &QShortcut::activated, m_cancel, &QPushButton::click);
    connect(m_clear, &QPushButton::clicked, requests, &RequestModel::clear);
    connect(m_rate, &QSpinBox::valueChanged, limiter, &SerialRateLimiter::setRate);
}

void MonitorWindow::showQueue()
{
    SerialRateLimiter *const limiter = m_monitor->requests()->limiter();
    const Duration wait = limiter->estimatedWait();
    m_queueLength->setText(formatNumber(limiter->pendingCount()));
    m_estimatedWait->setText(wait == Duration::max() ? tr("paused") : formatDuration(wait));
    m_clear->setEnabled(limiter->pendingCount() > 0);
}

void MonitorWindow::showCounts()
{
    const SerialRateLimiter *const limiter = m_monitor->requests()->limiter();
    m_counts->setText(tr("%1 completed   ·   %2 failed   ·   %3 canceled")
                              .arg(formatNumber(limiter->completedCount()),
                                   formatNumber(limiter->failedCount()),
                                   formatNumber(limiter->canceledCount())));
}

void MonitorWindow::showPaused()
{
    const bool isPaused = m_monitor->requests()->limiter()->isPaused();
    m_pause->setText(isPaused ? tr("Resume") : tr("Pause"));
    m_pause->setToolTip(isPaused ? tr("Go on sending") : tr("Send no more for now"));
    showQueue();
}

void MonitorWindow::showCancelable()
{
    const QModelIndexList selected = m_requestView->selectionModel()->selectedRows();
    const Request *const request = selected.isEmpty()
                                           ? nullptr
                                           : m_monitor->requests()->request(selected.constFirst());
    m_cancel->setEnabled(request && !request->hasEnded());
}

void MonitorWindow::showPulse()
{
    m_pulseCard->setValue(formatMilliseconds(m_pulse.longest()));
    m_pulseView->update();
}
