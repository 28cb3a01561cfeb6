// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>
#include <QtQml/qqml.h>

// The event loop that all timers of the dashboard share with its window.
class EventLoop : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON

public:
    // Milliseconds on the clock that Tactus uses too.
    Q_INVOKABLE double now() const;

    // Sleeps, as a slow function would: nothing else happens in the meantime.
    Q_INVOKABLE void block(double milliseconds) const;
};

// The timer of C++, at its best, next to QML's own.
class CppTimer : public QTimer
{
    Q_OBJECT
    QML_ELEMENT

public:
    explicit CppTimer(QObject *parent = nullptr);
};
