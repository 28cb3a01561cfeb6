// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "fixedwindowclient.h"

#include <Tactus/network.h>

#include <QtNetwork/qnetworkreply.h>
#include <QtNetwork/qnetworkrequest.h>

#include <exception>
#include <memory>
#include <stdexcept>

using namespace std::chrono_literals;

FixedWindowClient::FixedWindowClient(int rate, std::chrono::milliseconds per)
    : m_rate(rate)
{
    m_network.setTransferTimeout(30'000);
    m_window.setTimerType(Qt::PreciseTimer);
    m_window.callOnTimeout(this, [this] {
        m_sentInWindow = 0;
        send();
    });
    m_window.start(per);
}

QFuture<QByteArray> FixedWindowClient::get(const QUrl &url)
{
    const auto request = std::make_shared<Request>();
    request->url = url;
    request->answer.start();
    m_requests.push_back(request);
    send();
    return request->answer.future();
}

void FixedWindowClient::send()
{
    for (; m_sentInWindow < m_rate && !m_requests.empty(); ++m_sentInWindow) {
        const RequestPointer request = m_requests.front();
        m_requests.pop_front();
        QNetworkReply *reply = m_network.get(QNetworkRequest(request->url));
        connect(reply, &QNetworkReply::finished, this,
                [this, reply, request] { finished(reply, request); });
        Q_EMIT sent();
    }
}

void FixedWindowClient::finished(QNetworkReply *reply, const RequestPointer &request)
{
    reply->deleteLater();
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 429) {
        Q_EMIT refused(Tactus::retryAfter(reply).value_or(1s));
        m_requests.push_front(request);
        return;
    }
    if (reply->error() == QNetworkReply::NoError) {
        request->answer.addResult(reply->readAll());
    } else {
        const std::runtime_error error(reply->errorString().toStdString());
        request->answer.setException(std::make_exception_ptr(error));
    }
    request->answer.finish();
}
