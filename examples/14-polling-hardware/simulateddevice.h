// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "serialline.h"

#include <Tactus/Clock>

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <functional>
#include <memory>

// A thermometer on a serial line, played by a pseudo-terminal. It is asked "17?" and answers "17 21.4";
// or it takes its time, says nothing, or hangs up, as it likes.
class SimulatedDevice : public QObject
{
    Q_OBJECT

public:
    // What it does when it is asked: answer after so long, say nothing (negative), or hang up (never).
    static constexpr Tactus::Duration silence{ -1 };
    static constexpr Tactus::Duration hangUp = Tactus::Duration::max();
    using Character = std::function<Tactus::Duration(int question)>;

    explicit SimulatedDevice(const Character &character);
    ~SimulatedDevice() override;

    bool plugIn();
    void unplug();
    QString path() const { return m_path; } // of the terminal; empty while it is unplugged

Q_SIGNALS:
    void asked(int question);

private:
    void hear();
    void answer(int question);

    const Character m_character;
    std::unique_ptr<SerialLine> m_line;
    int m_otherEnd = -1; // kept open, so that one who is there may come and go
    QString m_path;
};
