// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "card.h"

#include "colors.h"

#include <QtGui/qpainter.h>

namespace {

constexpr int Padding = 14;
constexpr qreal CornerRadius = 8;

} // namespace

Card::Card(const QString &title, QWidget *parent)
    : QWidget(parent)
    , m_body(new QVBoxLayout(this))
    , m_header(new QHBoxLayout)
{
    auto *const titleLabel = new QLabel(title);
    QFont font = titleLabel->font();
    font.setBold(true);
    titleLabel->setFont(font);

    m_body->setContentsMargins(Padding, Padding - 4, Padding, Padding - 2);
    m_body->setSpacing(6);
    m_body->addLayout(m_header);
    m_header->addWidget(titleLabel);
    m_header->addStretch();
}

void Card::paintEvent(QPaintEvent *)
{
    const Colors colors(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.line);
    painter.setBrush(colors.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), CornerRadius,
                            CornerRadius);
}

MutedLabel::MutedLabel(const QString &text, QWidget *parent)
    : QLabel(text, parent)
{
}

void MutedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(Colors(palette()).muted);
    painter.drawText(contentsRect(), static_cast<int>(alignment()), text());
}

ValueCard::ValueCard(const QString &title, const QString &explanation, QWidget *parent)
    : Card(title, parent)
    , m_value(new QLabel)
    , m_detail(new MutedLabel)
    , m_row(new QHBoxLayout)
{
    QFont font = m_value->font();
    font.setPointSizeF(font.pointSizeF() * 1.9);
    m_value->setFont(font);

    header()->addWidget(new MutedLabel(explanation));
    m_row->setSpacing(16);
    m_row->addWidget(m_value);
    m_row->addStretch();
    body()->addLayout(m_row);
    body()->addWidget(m_detail);
}

void ValueCard::setValue(const QString &value)
{
    m_value->setText(value);
}

void ValueCard::setDetail(const QString &detail)
{
    m_detail->setText(detail);
}

void ValueCard::addBeside(QWidget *widget)
{
    m_row->addWidget(widget, 1);
}
