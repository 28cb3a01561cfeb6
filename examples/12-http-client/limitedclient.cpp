// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "limitedclient.h"

#include <Tactus/network.h>

#include <QtNetwork/qnetworkreply.h>
#include <QtNetwork/qnetworkrequest.h>

#include <chrono>
#include <exception>
#include <stdexcept>

using namespace std::chrono_literals;

LimitedClient::LimitedClient(const Tactus::RateLimit &limit)
{
    m_limiter.setLimits({ limit });
    m_limiter.setTaskTimeout(30s); // a request without an answer is aborted, and fails
}

// One task for every time that something may be sent. What that is shows when it comes to it: always
// the first request that has no answer, and so a request that was refused overtakes the others.
//! [tasks]
QFuture<QByteArray> LimitedClient::get(const QUrl &url)
{
    Request &request = m_requests.emplace_back();
    request.url = url;
    request.answer.start();
    m_limiter.post(this, &LimitedClient::sendFirst);
    return request.answer.future();
}

QNetworkReply *LimitedClient::sendFirst()
{
    QNetworkReply *reply = m_network.get(QNetworkRequest(m_requests.front().url));
    connect(reply, &QNetworkReply::finished, this, [this, reply] { finished(reply); });
    Q_EMIT sent();
    return reply; // the task lasts until it is finished
}
//! [tasks]

// The limiter has not heard of it yet: a hold that begins here comes before the next task.
//! [hold]
void LimitedClient::finished(QNetworkReply *reply)
{
    reply->deleteLater();
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 429) {
        const Tactus::Duration wait = Tactus::retryAfter(reply).value_or(1s);
        Q_EMIT refused(wait);
        m_limiter.holdFor(wait);
        m_limiter.post(this, &LimitedClient::sendFirst); // the same request again
        return;
    }
    //! [hold]

    Request request = std::move(m_requests.front());
    m_requests.pop_front();
    if (reply->error() == QNetworkReply::NoError) {
        request.answer.addResult(reply->readAll());
    } else {
        const std::runtime_error error(reply->errorString().toStdString());
        request.answer.setException(std::make_exception_ptr(error));
    }
    request.answer.finish();
}
