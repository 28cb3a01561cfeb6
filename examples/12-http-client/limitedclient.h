// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "client.h"

#include <Tactus/RateLimit>
#include <Tactus/SerialRateLimiter>

#include <QtCore/qpromise.h>
#include <QtNetwork/qnetworkaccessmanager.h>

#include <deque>

class QNetworkReply;

// Requests to a service that permits so many of them in any period. They are answered in the order
// in which they were asked for; one that the service refuses is sent again when it says so.
class LimitedClient : public Client
{
    Q_OBJECT

public:
    explicit LimitedClient(const Tactus::RateLimit &limit);
    QFuture<QByteArray> get(const QUrl &url) override;

private:
    struct Request
    {
        QUrl url;
        QPromise<QByteArray> answer;
    };

    QNetworkReply *sendFirst();
    void finished(QNetworkReply *reply);

    QNetworkAccessManager m_network;
    Tactus::SerialRateLimiter m_limiter;
    std::deque<Request> m_requests; // what has not been answered
};
