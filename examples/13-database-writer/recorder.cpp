// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "recorder.h"

using Tactus::SerialRateLimiter;

// Maintenance takes its turn among the batches, and the timer waits for it. The interval counts from
// the end: on a slow disk there is as much rest between two of them as on a fast one.
//! [maintenance]
Recorder::Recorder(ReadingStore *store, const Tactus::RateLimit &limit)
    : m_store(store)
{
    m_tasks.setLimits({ limit });
    connect(&m_tasks, &SerialRateLimiter::taskFailed, this,
            [this](qint64, const QString &message) { Q_EMIT failed(message); });
    m_maintenance.setTriggeredOnStart(true);
    m_maintenance.setCallback(this, [this] { return m_tasks.push(this, &Recorder::maintain); });
}
//! [maintenance]

void Recorder::start()
{
    m_maintenance.start();
}

//! [write]
void Recorder::add(const Reading &reading)
{
    if (m_readings.isEmpty()) // otherwise there is a task that will take this one along
        m_tasks.post(this, &Recorder::write);
    m_readings.append(reading);
}

void Recorder::write()
{
    try {
        const qint64 batch = m_store->append(m_readings);
        const qsizetype size = m_readings.size();
        m_readings.clear();
        Q_EMIT written(batch, size); // not before: now nothing can take it back
    } catch (...) {
        m_tasks.post(this, &Recorder::write); // again, and with what will have been added
        throw;
    }
}
//! [write]

void Recorder::maintain()
{
    m_store->maintain(batchesToKeep);
    Q_EMIT maintained();
}

QFuture<void> Recorder::close()
{
    m_maintenance.stop();
    return m_tasks.drain();
}
