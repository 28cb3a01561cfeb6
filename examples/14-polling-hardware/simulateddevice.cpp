// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "simulateddevice.h"

#include <Tactus/ScheduledTimer>

#include <QtCore/qfile.h>

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

SimulatedDevice::SimulatedDevice(const Character &character)
    : m_character(character)
{
}

SimulatedDevice::~SimulatedDevice()
{
    m_line.reset(); // there may be no event loop any more
    unplug();
}

bool SimulatedDevice::plugIn()
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0)
        return false;
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(master, F_SETFL, O_NONBLOCK);
    if (grantpt(master) != 0 || unlockpt(master) != 0) {
        ::close(master);
        return false;
    }
    m_path = QFile::decodeName(ptsname(master));
    m_otherEnd = ::open(QFile::encodeName(m_path).constData(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    m_line = std::make_unique<SerialLine>(master);
    connect(m_line.get(), &QIODevice::readyRead, this, &SimulatedDevice::hear);
    return m_otherEnd >= 0 && m_line->isOpen();
}

void SimulatedDevice::unplug()
{
    if (m_line) {
        m_line->close();
        m_line.release()->deleteLater(); // which may have called
    }
    if (m_otherEnd >= 0)
        ::close(m_otherEnd);
    m_otherEnd = -1;
    m_path.clear();
}

void SimulatedDevice::hear()
{
    while (m_line && m_line->canReadLine()) {
        const QByteArray line = m_line->readLine().trimmed();
        if (!line.endsWith('?'))
            continue;
        const int question = line.chopped(1).toInt();
        const Tactus::Duration what = m_character(question);
        if (what == hangUp) {
            unplug();
        } else if (what > Tactus::Duration::zero()) {
            auto *thinking = new Tactus::ScheduledTimer(what, this);
            thinking->setMaximumTicks(1);
            thinking->setCallback([this, thinking, question] {
                answer(question);
                thinking->deleteLater();
            });
            thinking->start();
        } else if (what != silence) {
            answer(question);
        }
        Q_EMIT asked(question);
    }
}

void SimulatedDevice::answer(int question)
{
    const double temperature = 21 + question % 10 / 10.0;
    if (m_line)
        m_line->write(QByteArray::number(question) + ' ' + QByteArray::number(temperature, 'f', 1)
                      + '\n');
}
