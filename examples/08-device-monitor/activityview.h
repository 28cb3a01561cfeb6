// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "activitylog.h"

#include <QtWidgets/qwidget.h>

// The last seconds, one lane for each kind of activity, with the present at the right.
class ActivityView : public QWidget
{
    Q_OBJECT

public:
    explicit ActivityView(const ActivityLog *log, QWidget *parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void measureLabels();
    int laneHeight() const;
    int axisHeight() const;
    QRectF plotArea() const;
    QRectF laneArea(int lane) const;
    qreal x(Tactus::Clock::Instant instant) const;
    void paintAxis(QPainter &painter) const;
    void paintLabels(QPainter &painter, int lane) const;
    void paintEvents(QPainter &painter, int lane) const;

    const ActivityLog *const m_log;
    int m_labelWidth = 0;
    Tactus::Clock::Instant m_now; // of the picture being painted
};
