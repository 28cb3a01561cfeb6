// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "activityview.h"

#include "colors.h"

#include <QtCore/qcoreevent.h>
#include <QtGui/qpainter.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

using namespace std::chrono_literals;
using Tactus::Clock;

namespace {

constexpr auto Span = 20s;
constexpr qreal MarkWidth = 4;

struct LaneText
{
    QString name;
    QString explanation;
};

const LaneText &laneText(int lane)
{
    static const std::array<LaneText, ActivityLog::LaneCount> texts = { {
            { ActivityView::tr("Heartbeat"), ActivityView::tr("Fixed: every second") },
            { ActivityView::tr("Poll"), ActivityView::tr("Delay: 2 s after the last") },
            { ActivityView::tr("Requests"), ActivityView::tr("one at a time, limited") },
    } };
    return texts[static_cast<std::size_t>(lane)];
}

QColor colorOf(const ActivityLog::Event &event, int lane, const Colors &colors)
{
    switch (event.kind) {
    case ActivityLog::Kind::Failed:
        return colors.failed;
    case ActivityLog::Kind::Canceled:
    case ActivityLog::Kind::Missed:
        return colors.idle;
    case ActivityLog::Kind::Good:
        break;
    }
    const std::array<QColor, ActivityLog::LaneCount> good = { colors.heartbeat, colors.poll,
                                                              colors.request };
    return good[static_cast<std::size_t>(lane)];
}

} // namespace

ActivityView::ActivityView(const ActivityLog *log, QWidget *parent)
    : QWidget(parent)
    , m_log(log)
    , m_now(log->now())
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Activity of the last %1 seconds").arg(Span.count()));
    measureLabels();
}

void ActivityView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        measureLabels();
        updateGeometry();
    }
}

void ActivityView::measureLabels()
{
    int widest = 0;
    for (int lane = 0; lane < ActivityLog::LaneCount; ++lane) {
        widest = std::max({ widest, fontMetrics().horizontalAdvance(laneText(lane).name),
                            fontMetrics().horizontalAdvance(laneText(lane).explanation) });
    }
    m_labelWidth = widest + 36; // half of the axis' first number is to the left of the plot
}

int ActivityView::laneHeight() const
{
    return 2 * fontMetrics().height() + 8;
}

int ActivityView::axisHeight() const
{
    return fontMetrics().height() + 5;
}

QSize ActivityView::sizeHint() const
{
    return { m_labelWidth + 720, ActivityLog::LaneCount * laneHeight() + axisHeight() };
}

QSize ActivityView::minimumSizeHint() const
{
    return { m_labelWidth + 300, sizeHint().height() };
}

void ActivityView::paintEvent(QPaintEvent *)
{
    m_now = m_log->now();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintAxis(painter);
    for (int lane = 0; lane < ActivityLog::LaneCount; ++lane) {
        paintLabels(painter, lane);
        paintEvents(painter, lane);
    }
}

QRectF ActivityView::plotArea() const
{
    return QRectF(rect()).adjusted(m_labelWidth, 0, 0, -axisHeight());
}

QRectF ActivityView::laneArea(int lane) const
{
    const QRectF plot = plotArea();
    return { plot.left(), plot.top() + lane * laneHeight(), plot.width(), qreal(laneHeight()) };
}

qreal ActivityView::x(Clock::Instant instant) const
{
    const std::chrono::duration<double> ago = m_now - instant;
    return plotArea().right() - plotArea().width() * ago / std::chrono::duration<double>(Span);
}

void ActivityView::paintAxis(QPainter &painter) const
{
    const Colors colors(palette());
    const QRectF plot = plotArea();
    for (int lane = 0; lane < ActivityLog::LaneCount; ++lane) {
        painter.setPen(colors.line);
        const qreal bottom = laneArea(lane).bottom() - 0.5;
        painter.drawLine(QPointF(0, bottom), QPointF(width(), bottom));
    }
    for (auto ago = Span; ago >= 0s; ago -= 5s) {
        const qreal at = std::round(x(m_now - ago)) + (ago == 0s ? -0.5 : 0.5);
        painter.setPen(colors.line);
        painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()));
        painter.setPen(colors.muted);
        const QRectF label(at - 60, plot.bottom() + 4, 120, axisHeight() - 4);
        if (ago == 0s) {
            painter.drawText(label.translated(-60, 0), Qt::AlignRight | Qt::AlignVCenter, tr("now"));
        } else {
            painter.drawText(label, Qt::AlignHCenter | Qt::AlignVCenter,
                             tr("−%1 s").arg(ago.count()));
        }
    }
}

void ActivityView::paintLabels(QPainter &painter, int lane) const
{
    const Colors colors(palette());
    QRectF area = laneArea(lane);
    area.setLeft(0);
    area.setRight(m_labelWidth - 8);
    area.adjust(0, 3, 0, -3);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(area, Qt::AlignLeft | Qt::AlignTop, laneText(lane).name);
    painter.setPen(colors.muted);
    painter.drawText(area, Qt::AlignLeft | Qt::AlignBottom, laneText(lane).explanation);
}

void ActivityView::paintEvents(QPainter &painter, int lane) const
{
    const Colors colors(palette());
    const QRectF area = laneArea(lane);
    const qreal barHeight = fontMetrics().height() + 1;
    painter.save();
    painter.setClipRect(area);
    painter.setPen(Qt::NoPen);
    for (const ActivityLog::Event &event : m_log->events(static_cast<ActivityLog::Lane>(lane))) {
        const bool isMark = lane == ActivityLog::Heartbeat;
        const qreal left = x(event.begin) - (isMark ? MarkWidth / 2 : 0);
        const qreal right = isMark ? left + MarkWidth + 1 : x(event.isOpen ? m_now : event.end);
        const QRectF bar(left, area.center().y() - barHeight / 2, std::max(right - left - 1, 2.0),
                         barHeight);
        const qreal radius = std::min(2.5, bar.width() / 3);
        painter.setBrush(colorOf(event, lane, colors));
        painter.setOpacity(event.isOpen ? 0.55 : 1);
        painter.drawRoundedRect(bar, radius, radius);
    }
    painter.restore();
}
