// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qwidget.h>

// A rounded surface with a title.
class Card : public QWidget
{
    Q_OBJECT

public:
    explicit Card(const QString &title, QWidget *parent = nullptr);

    // Where what is on the card goes; and, in one line with the title, to the right of it.
    QVBoxLayout *body() { return m_body; }
    QHBoxLayout *header() { return m_header; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *m_body;
    QHBoxLayout *m_header;
};

// A label in a colour that steps back.
class MutedLabel : public QLabel
{
    Q_OBJECT

public:
    explicit MutedLabel(const QString &text = {}, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;
};

// A card that shows one value, large, and what there is to say about it.
class ValueCard : public Card
{
    Q_OBJECT

public:
    ValueCard(const QString &title, const QString &explanation, QWidget *parent = nullptr);

    void setValue(const QString &value);
    void setDetail(const QString &detail);
    void addBeside(QWidget *widget); // to the right of the value

private:
    QLabel *m_value;
    MutedLabel *m_detail;
    QHBoxLayout *m_row;
};
