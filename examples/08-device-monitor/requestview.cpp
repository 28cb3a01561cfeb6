// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "requestview.h"

#include "colors.h"
#include "requestmodel.h"

#include <QtGui/qpainter.h>
#include <QtWidgets/qscrollbar.h>

#include <algorithm>

namespace {

constexpr int CellMargin = 10;
constexpr qreal DotSize = 8;

QColor stateColor(Request::State state, const Colors &colors)
{
    switch (state) {
    case Request::State::Running:
        return colors.poll;
    case Request::State::Completed:
        return colors.request;
    case Request::State::Failed:
        return colors.failed;
    case Request::State::Waiting:
    case Request::State::Canceled:
        break;
    }
    return colors.idle;
}

int heightOfRow(const QWidget *widget)
{
    return widget->fontMetrics().height() + 11;
}

int widthFor(const QWidget *widget, const QString &longest)
{
    return widget->fontMetrics().horizontalAdvance(longest) + 2 * CellMargin;
}

bool isFilled(Request::State state)
{
    return state != Request::State::Waiting && state != Request::State::Canceled;
}

} // namespace

void RequestDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    const auto state = static_cast<Request::State>(index.data(RequestModel::StateRole).toInt());
    const Colors colors(option.palette);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    QRectF text = QRectF(option.rect).adjusted(CellMargin, 0, -CellMargin, 0);

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (isSelected) {
        painter->fillRect(option.rect, option.palette.highlight());
    } else if (state == Request::State::Running) {
        QColor tint = colors.poll;
        tint.setAlphaF(0.13F);
        painter->fillRect(option.rect, tint);
    }
    if (index.column() == RequestModel::State) {
        const QColor color = isSelected ? option.palette.highlightedText().color()
                                        : stateColor(state, colors);
        const QRectF dot(text.left(), text.center().y() - DotSize / 2, DotSize, DotSize);
        painter->setPen(QPen(color, 1.4));
        painter->setBrush(isFilled(state) ? QBrush(color) : Qt::NoBrush);
        painter->drawEllipse(dot.adjusted(0.7, 0.7, -0.7, -0.7));
        text.setLeft(dot.right() + 8);
    }
    const bool isPale = state == Request::State::Waiting || state == Request::State::Canceled;
    painter->setPen(isSelected ? option.palette.highlightedText().color()
                    : isPale   ? colors.muted
                               : option.palette.text().color());
    painter->drawText(text, index.data(Qt::TextAlignmentRole).toInt(),
                      option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight,
                                                    static_cast<int>(text.width())));
    painter->restore();
}

PlainHeader::PlainHeader(QWidget *parent)
    : QHeaderView(Qt::Horizontal, parent)
{
    setHighlightSections(false);
    setSectionsClickable(false);
    setFixedHeight(heightOfRow(this));
}

void PlainHeader::paintSection(QPainter *painter, const QRect &rect, int section) const
{
    const Colors colors(palette());
    painter->save();
    painter->fillRect(rect, colors.surface);
    painter->setPen(colors.line);
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    painter->setPen(colors.muted);
    painter->drawText(rect.adjusted(CellMargin, 0, -CellMargin, 0),
                      model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt(),
                      model()->headerData(section, Qt::Horizontal).toString());
    painter->restore();
}

RequestView::RequestView(RequestModel *model, QWidget *parent)
    : QTableView(parent)
{
    setHorizontalHeader(new PlainHeader(this));
    setItemDelegate(new RequestDelegate(this));
    setModel(model);
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setTabKeyNavigation(false);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setCornerButtonEnabled(false);
    setMinimumHeight(6 * heightOfRow(this));
    setAccessibleName(tr("Requests"));

    // Rows of one height: nothing is measured, however many there are.
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(heightOfRow(this));
    verticalHeader()->setDefaultSectionSize(heightOfRow(this));
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);

    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setSectionResizeMode(RequestModel::Command, QHeaderView::Stretch);
    horizontalHeader()->setSectionResizeMode(RequestModel::Answer, QHeaderView::Stretch);
    setColumnWidth(RequestModel::Id, widthFor(this, QStringLiteral("1,000,000")));
    setColumnWidth(RequestModel::State, widthFor(this, QStringLiteral("completed")) + 50);
    setColumnWidth(RequestModel::Waited, widthFor(this, QStringLiteral("100 h 59 min")));
    setColumnWidth(RequestModel::Took, widthFor(this, QStringLiteral("1,000 ms")));

    connect(model, &QAbstractItemModel::rowsRemoved, this,
            [this](const QModelIndex &, int first, int last) { keepPlace(last - first + 1); });
}

void RequestView::paintEvent(QPaintEvent *event)
{
    QTableView::paintEvent(event);
    if (model()->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(Colors(palette()).muted);
    painter.drawText(viewport()->rect(), Qt::AlignCenter,
                     tr("No requests yet. Send one, or queue 100,000."));
}

// When the current row goes, Qt makes the next one current and selects it. Here nothing is selected that
// nobody has chosen.
void RequestView::rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last)
{
    if (currentIndex().row() >= first && currentIndex().row() <= last)
        selectionModel()->clearCurrentIndex();
    QTableView::rowsAboutToBeRemoved(parent, first, last);
}

void RequestView::keepPlace(int removedRows)
{
    QScrollBar *const bar = verticalScrollBar();
    if (bar->value() > 0)
        bar->setValue(std::max(bar->value() - removedRows * heightOfRow(this), 0));
}
