// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtWidgets/qheaderview.h>
#include <QtWidgets/qstyleditemdelegate.h>
#include <QtWidgets/qtableview.h>

class RequestModel;

// Draws a request's state in colour.
class RequestDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
};

// A header that is text over a line, and no more.
class PlainHeader : public QHeaderView
{
    Q_OBJECT

public:
    explicit PlainHeader(QWidget *parent = nullptr);

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override;
};

// The table of requests. What one looks at stays where it is while requests at the top go.
class RequestView : public QTableView
{
    Q_OBJECT

public:
    explicit RequestView(RequestModel *model, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;

protected Q_SLOTS:
    void rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last) override;

private:
    void keepPlace(int removedRows);
};
