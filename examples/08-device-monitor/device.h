// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>

#include <QtCore/qexception.h>
#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>
#include <QtCore/qpromise.h>
#include <QtCore/qrandom.h>
#include <QtCore/qstring.h>

#include <functional>

struct Reading
{
    double temperature = 0; // degrees Celsius
    int humidity = 0; // percent
};

class DeviceError : public QException
{
public:
    const char *what() const noexcept override { return "no answer"; }
    void raise() const override { throw *this; }
    DeviceError *clone() const override { return new DeviceError(*this); }
};

// A simulated device: it takes a random time to answer, and now and then it does not answer at all.
// It lives on the default clock; with the same seed it behaves the same way every time.
class Device : public QObject
{
    Q_OBJECT

public:
    explicit Device(quint32 seed, QObject *parent = nullptr);

    // What the device can be asked to do, by number.
    static QString command(qint64 number);

    // Both may be canceled, and then end at once.
    QFuture<Reading> measure();
    QFuture<QString> execute(qint64 commandNumber);

public Q_SLOTS:
    void ping();

Q_SIGNALS:
    void pinged(qint64 count);
    void measured(const Reading &reading, Tactus::Duration took);

private:
    template <typename T>
    QFuture<T> answerAfter(Tactus::Duration delay, std::function<T()> answer);
    Tactus::Duration randomDelay(Tactus::Duration shortest, Tactus::Duration longest);
    QString answerTo(qint64 commandNumber);
    void drift();

    QRandomGenerator m_random;
    Reading m_reading{ 21.4, 46 };
    qint64 m_pingCount = 0;
};
