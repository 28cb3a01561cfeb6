// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "pulseview.h"

#include "colors.h"

#include <QtGui/qpainter.h>

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;
using Tactus::Duration;

namespace {

constexpr Duration Frame = 16'666'667ns; // what may pass unnoticed
constexpr Duration Scale = 25ms; // at least, for the height

} // namespace

PulseView::PulseView(const EventLoopPulse *pulse, QWidget *parent)
    : QWidget(parent)
    , m_pulse(pulse)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);
    setAccessibleName(tr("Longest waits for the event loop in the last 10 seconds"));
    setToolTip(tr("The longest wait for the event loop in each tenth of a second.\n"
                  "The dashed line is one frame at 60 per second."));
}

void PulseView::paintEvent(QPaintEvent *)
{
    const Colors colors(palette());
    const Duration top = std::max(Scale, m_pulse->longest());
    const auto y = [this, top](Duration wait) {
        return height() - 0.5 - (height() - 1) * std::chrono::duration<double>(wait) / top;
    };

    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.line);
    painter.drawLine(QPointF(0, y(0ns)), QPointF(width(), y(0ns)));
    painter.setPen(QPen(colors.idle, 1, Qt::DashLine));
    painter.drawLine(QPointF(0, y(Frame)), QPointF(width(), y(Frame)));

    painter.setPen(Qt::NoPen);
    const qreal step = static_cast<qreal>(width()) / EventLoopPulse::StepCount;
    qreal left = 0;
    for (const Duration wait : m_pulse->history()) {
        painter.setBrush(wait > Frame ? colors.failed : colors.request);
        painter.drawRect(QRectF(left, y(wait), std::max(step - 0.4, 0.6), y(0ns) - y(wait)));
        left += step;
    }
}
