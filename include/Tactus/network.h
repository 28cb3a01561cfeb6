// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

// Tasks that return the QNetworkReply they have started. For programs that link Qt6::Network.

#include <Tactus/clock.h>
#include <Tactus/tasktraits.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qpromise.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qnetworkreply.h>
#include <QtNetwork/qnetworkrequest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace Tactus {

// The task is completed when the reply emits finished(), whatever error() says then: the result is
// the reply, and what the server or the network had to say is in it. Whoever gets the result calls
// deleteLater(), as always; a reply whose task was canceled gets to nobody and is deleted here.
template <>
struct TaskTraits<QNetworkReply *>
{
    static QFuture<QNetworkReply *> toFuture(QNetworkReply *reply)
    {
        if (!reply)
            throw std::invalid_argument("the task returned a null QNetworkReply");

        // Destroyed with the reply, it cancels the future.
        const auto promise = std::make_shared<QPromise<QNetworkReply *>>();
        promise->start();
        QFuture<QNetworkReply *> future = promise->future();

        auto *canceling = new QFutureWatcher<QNetworkReply *>(reply);
        QObject::connect(canceling, &QFutureWatcherBase::canceled, reply, [reply] {
            if (reply->isFinished())
                reply->deleteLater();
            else
                reply->abort();
        });
        canceling->setFuture(future);

        if (reply->isFinished()) {
            finish(*promise, reply);
        } else {
            QObject::connect(
                    reply, &QNetworkReply::finished, canceling,
                    [promise, reply] { finish(*promise, reply); }, Qt::SingleShotConnection);
        }
        return future;
    }

private:
    static void finish(QPromise<QNetworkReply *> &promise, QNetworkReply *reply)
    {
        // A reply that deletes itself will be gone before anybody could use it.
        constexpr auto deletesItself = QNetworkRequest::AutoDeleteReplyOnFinishAttribute;
        if (promise.isCanceled())
            reply->deleteLater();
        else
            promise.addResult(reply->request().attribute(deletesItself).toBool() ? nullptr : reply);
        promise.finish();
    }
};

namespace Detail {

// A date in one of the three forms of RFC 9110, section 5.6.7.
inline std::optional<std::chrono::sys_seconds> httpDate(const QByteArray &text,
                                                        std::chrono::sys_seconds now)
{
    using namespace std::chrono;
    static const std::array forms = {
        // Sun, 06 Nov 1994 08:49:37 GMT
        QRegularExpression(QStringLiteral(
                R"(^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) )"
                R"((?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$)")),
        // Sunday, 06-Nov-94 08:49:37 GMT
        QRegularExpression(QStringLiteral(
                R"(^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) )"
                R"((?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$)")),
        // Sun Nov  6 08:49:37 1994
        QRegularExpression(
                QStringLiteral(R"(^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) )"
                               R"((?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<year>\d{4})$)")),
    };
    for (const QRegularExpression &form : forms) {
        const QRegularExpressionMatch match = form.match(QString::fromLatin1(text));
        if (!match.hasMatch())
            continue;
        const auto number = [&match](const char *name) {
            return match.captured(QLatin1String(name)).trimmed().toInt();
        };
        const auto monthAt = QLatin1String("JanFebMarAprMayJunJulAugSepOctNovDec")
                                     .indexOf(match.captured(QLatin1String("month")));
        int fullYear = number("year");
        if (match.capturedLength(QLatin1String("year")) == 2) {
            // The latest of that ending that is not more than 50 years ahead.
            const int latest = int(year_month_day(floor<days>(now)).year()) + 50;
            fullYear = latest - (latest - fullYear) % 100;
        }
        const year_month_day date(year(fullYear), month(static_cast<unsigned>(monthAt / 3 + 1)),
                                  day(static_cast<unsigned>(number("day"))));
        const hours hour(number("hour"));
        const minutes minute(number("minute"));
        const seconds second(number("second")); // 60: a leap second
        if (monthAt < 0 || monthAt % 3 != 0 || !date.ok() || hour >= 24h || minute >= 60min
            || second > 60s) {
            return std::nullopt;
        }
        return sys_days(date) + hour + minute + second;
    }
    return std::nullopt;
}

// A number of seconds: digits and nothing else. What is too large for the type is its maximum.
inline std::optional<std::chrono::seconds> delaySeconds(const QByteArray &text)
{
    using Count = std::chrono::seconds::rep;
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.cbegin(), text.cend(), count);
    if (error == std::errc::invalid_argument || end != text.cend())
        return std::nullopt;
    constexpr auto largest = std::uint64_t{ std::numeric_limits<Count>::max() };
    if (error == std::errc::result_out_of_range)
        count = largest;
    return std::chrono::seconds(static_cast<Count>(std::min(count, largest)));
}

} // namespace Detail

// What the reply's Retry-After header asks for, to be given to SerialRateLimiter::holdFor(): a number
// of seconds, or a date, which counts from the reply's own Date header if that has one, and else from
// `now`. Zero for a date that is past; never more than `maximum`. Nothing without such a header, or
// if it is neither.
inline std::optional<Duration> retryAfter(
        const QNetworkReply *reply, Duration maximum = std::chrono::hours(24),
        std::chrono::system_clock::time_point now = std::chrono::system_clock::now())
{
    using std::chrono::seconds;
    if (!reply)
        return std::nullopt;
    const QByteArray value = reply->rawHeader("Retry-After").trimmed();
    std::optional<seconds> wait = Detail::delaySeconds(value);
    if (!wait) {
        const auto here = std::chrono::floor<seconds>(now);
        if (const auto date = Detail::httpDate(value, here)) {
            const auto sent = Detail::httpDate(reply->rawHeader("Date").trimmed(), here);
            wait = *date - sent.value_or(here);
        }
    }
    if (!wait)
        return std::nullopt;
    const seconds limit = std::chrono::floor<seconds>(std::max(maximum, Duration::zero()));
    return *wait > limit ? std::max(maximum, Duration::zero())
                         : Duration(std::max(*wait, seconds::zero()));
}

} // namespace Tactus
