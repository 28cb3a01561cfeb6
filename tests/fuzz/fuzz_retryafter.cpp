// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tactus::retryAfter(). An input is a byte that says what is the longest wait, the value of the header,
// a line feed, and the value of the Date header.

#include "target.h"

#include <Tactus/network.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qlocale.h>
#include <QtCore/qtimezone.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;
using Tactus::Duration;

namespace {

class Reply : public QNetworkReply
{
public:
    Reply(const QByteArray &retryAfter, const QByteArray &date)
    {
        setRawHeader("Retry-After", retryAfter);
        setRawHeader("Date", date);
    }
    void abort() override {}

protected:
    qint64 readData(char *, qint64) override { return -1; }
};

constexpr auto Now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + 12h;

void require(bool condition, const char *what, const QByteArray &value)
{
    if (!condition)
        qFatal("%s: %s", what, value.toHex(' ').constData());
}

bool isNumber(const QByteArray &text)
{
    return !text.isEmpty()
           && std::all_of(text.cbegin(), text.cend(), [](char c) { return c >= '0' && c <= '9'; });
}

// The form that servers send, as Qt reads it; Qt takes some that are not quite it, and years before Christ.
QDateTime dateOf(const QByteArray &text)
{
    const QString form = QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'");
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(text), form);
    date.setTimeZone(QTimeZone::utc());
    const bool isExact = QLocale::c().toString(date, form).toLatin1() == text
                         && date.date().year() > 0;
    return isExact ? date : QDateTime();
}

} // namespace

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const QCoreApplication application(*argc, *argv);
    qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const QString &text) {
        if (type == QtFatalMsg)
            std::fprintf(stderr, "%s\n", qUtf8Printable(text));
    });
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static constexpr Duration maxima[] = {
        24h, 0s, 1ns, 1500ms, 1h, Duration::max(), -1s, Duration::min()
    };
    Bytes bytes(data, size);
    const Duration maximum = maxima[bytes.number(std::ssize(maxima))];
    const QByteArray text(reinterpret_cast<const char *>(data + (size - bytes.size())),
                          static_cast<qsizetype>(bytes.size()));
    const qsizetype end = text.indexOf('\n');
    const Reply reply(text.first(end < 0 ? text.size() : end),
                      end < 0 ? QByteArray() : text.sliced(end + 1));
    const QByteArray value = reply.rawHeader("Retry-After").trimmed();
    const std::optional<Duration> wait = Tactus::retryAfter(&reply, maximum, Now);

    const Duration longest = std::max(maximum, Duration::zero());
    if (wait)
        require(*wait >= Duration::zero() && *wait <= longest, "out of bounds", value);
    if (value.isEmpty())
        require(!wait, "made of nothing", value);
    if (isNumber(value)) {
        bool fits = false;
        const qlonglong seconds = value.toLongLong(&fits);
        const bool isShort = fits && seconds < longest / 1s;
        require(wait == (isShort ? Duration(std::chrono::seconds(seconds)) : longest)
                        || (fits && seconds == longest / 1s
                            && wait == std::chrono::seconds(seconds)),
                "another number", value);
    }
    const QDateTime date = dateOf(value);
    const QByteArray sentValue = reply.rawHeader("Date").trimmed();
    const QDateTime sent = dateOf(sentValue);
    if (date.isValid() && (sent.isValid() || sentValue.isEmpty())) {
        const qint64 from = sent.isValid() ? sent.toSecsSinceEpoch()
                                           : std::chrono::duration_cast<std::chrono::seconds>(
                                                     Now.time_since_epoch())
                                                     .count();
        const qint64 seconds = std::max<qint64>(date.toSecsSinceEpoch() - from, 0);
        require(wait.has_value(), "not a date", value);
        if (seconds < longest / 1s)
            require(*wait == std::chrono::seconds(seconds), "another date", value);
        else if (seconds > longest / 1s)
            require(*wait == longest, "a date that is not capped", value);
    }
    return 0;
}
