// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "serialline.h"

#include <QtCore/qfile.h>
#include <QtCore/qsocketnotifier.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

SerialLine::SerialLine(const QString &path)
    : SerialLine(
            ::open(QFile::encodeName(path).constData(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
{
}

SerialLine::SerialLine(int descriptor)
    : m_descriptor(descriptor)
{
    if (m_descriptor < 0 || !makeRaw(m_descriptor)) {
        setErrorString(qt_error_string(errno));
        return;
    }
    m_notifier = new QSocketNotifier(m_descriptor, QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &SerialLine::receive);
    open(ReadWrite | Unbuffered);
}

SerialLine::~SerialLine()
{
    SerialLine::close();
}

bool SerialLine::makeRaw(int descriptor)
{
    termios settings{};
    if (tcgetattr(descriptor, &settings) != 0)
        return false;
    cfmakeraw(&settings);
    return tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

void SerialLine::close()
{
    if (isOpen())
        QIODevice::close();
    if (m_descriptor < 0)
        return;
    if (m_notifier)
        m_notifier->setEnabled(false);
    ::close(m_descriptor);
    m_descriptor = -1;
}

void SerialLine::receive()
{
    std::array<char, 256> bytes{};
    const ssize_t count = ::read(m_descriptor, bytes.data(), bytes.size());
    if (count > 0) {
        m_received.append(bytes.data(), count);
        Q_EMIT readyRead();
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        m_notifier->setEnabled(false);
        Q_EMIT readChannelFinished();
    }
}

qint64 SerialLine::bytesAvailable() const
{
    return m_received.size() + QIODevice::bytesAvailable();
}

bool SerialLine::canReadLine() const
{
    return m_received.contains('\n') || QIODevice::canReadLine();
}

qint64 SerialLine::readData(char *data, qint64 maximum)
{
    const qint64 count = std::min<qint64>(maximum, m_received.size());
    std::memcpy(data, m_received.constData(), static_cast<std::size_t>(count));
    m_received.remove(0, count);
    return count;
}

qint64 SerialLine::writeData(const char *data, qint64 size)
{
    return ::write(m_descriptor, data, static_cast<std::size_t>(size));
}
