// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "client.h"

#include <QtCore/qpromise.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkaccessmanager.h>

#include <chrono>
#include <deque>
#include <memory>

class QNetworkReply;

// What is often written instead: a counter of requests that a QTimer sets back to zero. The service
// does not know of these windows: there are twice as many requests around the instant where one
// ends and the next begins as it permits.
class FixedWindowClient : public Client
{
    Q_OBJECT

public:
    FixedWindowClient(int rate, std::chrono::milliseconds per);
    QFuture<QByteArray> get(const QUrl &url) override;

private:
    struct Request
    {
        QUrl url;
        QPromise<QByteArray> answer;
    };
    using RequestPointer = std::shared_ptr<Request>;

    void send();
    void finished(QNetworkReply *reply, const RequestPointer &request);

    QNetworkAccessManager m_network;
    QTimer m_window;
    const int m_rate;
    int m_sentInWindow = 0;
    std::deque<RequestPointer> m_requests; // what has to be sent
};
