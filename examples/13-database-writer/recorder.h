// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "readingstore.h"

#include <Tactus/RateLimit>
#include <Tactus/ScheduledTimer>
#include <Tactus/SerialRateLimiter>

#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>

#include <chrono>

// Takes readings one by one, and writes them in batches: no more of those than the limit permits,
// however fast the readings come. From time to time it deletes what is old.
class Recorder : public QObject
{
    Q_OBJECT

public:
    static constexpr qint64 batchesToKeep = 10;

    Recorder(ReadingStore *store, const Tactus::RateLimit &limit);

    void start();
    void add(const Reading &reading);
    QFuture<void> close(); // finishes when what was added has been written, as far as possible
    qsizetype unwritten() const { return m_readings.size(); }

Q_SIGNALS:
    void written(qint64 batch, qsizetype size); // durable, whatever happens from here on
    void maintained();
    void failed(const QString &message);

private:
    void write();
    void maintain();

    ReadingStore *const m_store;
    QList<Reading> m_readings; // not written yet
    Tactus::SerialRateLimiter m_tasks;
    Tactus::ScheduledTimer m_maintenance{ std::chrono::milliseconds(400),
                                          Tactus::ScheduledTimer::Policy::Delay };
};
