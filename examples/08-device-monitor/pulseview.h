// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "eventlooppulse.h"

#include <QtWidgets/qwidget.h>

// The longest wait for the event loop, step by step, against the duration of one frame.
class PulseView : public QWidget
{
    Q_OBJECT

public:
    explicit PulseView(const EventLoopPulse *pulse, QWidget *parent = nullptr);

    QSize sizeHint() const override { return { 140, 36 }; }
    QSize minimumSizeHint() const override { return { 80, 30 }; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const EventLoopPulse *const m_pulse;
};
