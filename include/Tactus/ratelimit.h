// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qmetatype.h>
#include <QtCore/qobjectdefs.h>

namespace Tactus {

class TACTUS_EXPORT RateLimit
{
    Q_GADGET
    Q_PROPERTY(int rate READ rate WRITE setRate)
    Q_PROPERTY(double per READ perMilliseconds WRITE setPerMilliseconds)

public:
    RateLimit() = default;
    RateLimit(int rate, Duration per);

    int rate() const { return m_rate; }
    Duration per() const { return m_per; }

    friend bool operator==(const RateLimit &, const RateLimit &) = default;

private:
    void setRate(int rate) { m_rate = rate; }
    double perMilliseconds() const;
    void setPerMilliseconds(double milliseconds);

    int m_rate = 0;
    Duration m_per{};
};

} // namespace Tactus

Q_DECLARE_METATYPE(Tactus::RateLimit)
