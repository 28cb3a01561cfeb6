// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qmetatype.h>
#include <QtCore/qobjectdefs.h>

namespace Tactus {

class TACTUS_EXPORT Tick
{
    Q_GADGET
    Q_PROPERTY(qint64 index READ index CONSTANT)
    Q_PROPERTY(qint64 missed READ missed CONSTANT)
    Q_PROPERTY(double due READ dueMilliseconds CONSTANT)
    Q_PROPERTY(double lateness READ latenessMilliseconds CONSTANT)

public:
    Tick() = default;
    Tick(qint64 index, qint64 missed, Duration due, Duration lateness);

    qint64 index() const { return m_index; }
    qint64 missed() const { return m_missed; }
    Duration due() const { return m_due; }
    Duration lateness() const { return m_lateness; }

    friend bool operator==(const Tick &, const Tick &) = default;

private:
    double dueMilliseconds() const;
    double latenessMilliseconds() const;

    qint64 m_index = 0;
    qint64 m_missed = 0;
    Duration m_due{};
    Duration m_lateness{};
};

} // namespace Tactus

Q_DECLARE_METATYPE(Tactus::Tick)
