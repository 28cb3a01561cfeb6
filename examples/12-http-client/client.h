// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/Clock>

#include <QtCore/qbytearray.h>
#include <QtCore/qfuture.h>
#include <QtCore/qobject.h>
#include <QtCore/qurl.h>

// What the two clients have in common: an answer for every request, in the end, and signals for
// those who want to watch.
class Client : public QObject
{
    Q_OBJECT

public:
    virtual QFuture<QByteArray> get(const QUrl &url) = 0;

Q_SIGNALS:
    void sent();
    void refused(Tactus::Duration retryAfter); // 429, too many requests
};
