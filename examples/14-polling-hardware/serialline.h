// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qbytearray.h>
#include <QtCore/qiodevice.h>
#include <QtCore/qstring.h>

class QSocketNotifier;

// A terminal as a QIODevice, like QSerialPort of Qt Serial Port, which this example does without.
// When the other side has hung up it emits readChannelFinished().
class SerialLine : public QIODevice
{
    Q_OBJECT

public:
    explicit SerialLine(const QString &path);
    explicit SerialLine(int descriptor); // which it owns from here on
    ~SerialLine() override;

    static bool makeRaw(int descriptor); // bytes as they are: no echo, no lines

    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override;
    bool canReadLine() const override;
    void close() override;

protected:
    qint64 readData(char *data, qint64 maximum) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    void receive();

    int m_descriptor;
    QSocketNotifier *m_notifier = nullptr;
    QByteArray m_received;
};
