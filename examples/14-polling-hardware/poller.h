// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/ScheduledTimer>

#include <QtCore/qbytearray.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qiodevice.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

// Asks a device again and again: one question at a time, and a pause after each, however that went.
// A device that does not answer in time is asked again, one that is gone is looked for again.
class Poller : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds pause{ 200 };
    static constexpr std::chrono::milliseconds patience{ 500 };

    // Where the device is: an open QIODevice, or one that says why it is not, or null.
    using Connect = std::function<std::unique_ptr<QIODevice>()>;

    explicit Poller(const Connect &connectDevice);

    void start() { m_timer.start(); }
    QFuture<void> stop() { return m_timer.stop(); }

Q_SIGNALS:
    void connected();
    void answered(int question, const QByteArray &answer);
    void silent(int question);
    void failed(const QString &why);
    void lost();

private:
    QFuture<void> poll();
    void findDevice();
    void hear();
    void end();
    void loseDevice();

    const Connect m_connect;
    std::unique_ptr<QIODevice> m_device;
    int m_question = 0;
    std::optional<QPromise<void>> m_answer; // while there is one to wait for
    QFutureWatcher<void> m_canceling;
    Tactus::ScheduledTimer m_timer{ pause, Tactus::ScheduledTimer::Policy::Delay };
};
