// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "poller.h"

#include <exception>
#include <stdexcept>
#include <utility>

using Tactus::ScheduledTimer;
using Tactus::Tick;

//! [timer]
Poller::Poller(const Connect &connectDevice)
    : m_connect(connectDevice)
{
    m_timer.setCallback(this, &Poller::poll); // busy until the future that this returns is finished
    m_timer.setCallbackTimeout(patience); // then the future is asked to cancel
    connect(&m_timer, &ScheduledTimer::timedOut, this, [this] { Q_EMIT silent(m_question); });
    connect(&m_timer, &ScheduledTimer::errorOccurred, this,
            [this](const Tick &, const QString &message) { Q_EMIT failed(message); });
    connect(&m_canceling, &QFutureWatcherBase::canceled, this, &Poller::end);
}
//! [timer]

//! [poll]
QFuture<void> Poller::poll()
{
    findDevice(); // throws if there is none; the next tick looks again
    QFuture<void> future = m_answer.emplace().future();
    m_answer->start();
    m_canceling.setFuture(future);
    m_device->write(QByteArray::number(++m_question) + "?\n");
    return future;
}

void Poller::hear()
{
    while (m_device && m_device->canReadLine()) {
        const QByteArray line = m_device->readLine().trimmed();
        const qsizetype space = line.indexOf(' ');
        if (!m_answer || line.left(space).toInt() != m_question)
            continue; // an answer that came too late
        Q_EMIT answered(m_question, line.mid(space + 1));
        end();
    }
}

// With the answer, or without it: so that the timer goes on.
void Poller::end()
{
    if (auto answer = std::exchange(m_answer, std::nullopt))
        answer->finish();
}
//! [poll]

//! [reconnect]
void Poller::findDevice()
{
    if (m_device)
        return;
    std::unique_ptr<QIODevice> device = m_connect();
    if (!device)
        throw std::runtime_error("there is no device");
    if (!device->isOpen())
        throw std::runtime_error(device->errorString().toStdString());
    m_device = std::move(device);
    connect(m_device.get(), &QIODevice::readyRead, this, &Poller::hear);
    connect(m_device.get(), &QIODevice::readChannelFinished, this, &Poller::loseDevice);
    Q_EMIT connected();
}

void Poller::loseDevice()
{
    m_device.release()->deleteLater(); // it is the one that calls
    if (m_answer) {
        const std::runtime_error error("the device has hung up");
        m_answer->setException(std::make_exception_ptr(error));
        end();
    }
    Q_EMIT lost();
}
//! [reconnect]
