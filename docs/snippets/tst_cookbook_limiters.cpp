// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The recipes of the cookbook that are about limiters.

#include "virtualtime.h"

#include <Tactus/Tactus>

#include <QtCore/qlist.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkinformation.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

using namespace std::chrono_literals;

namespace {

struct Reply
{
    int status = 200;
    Tactus::Duration retryAfter{};
};

// Permits three requests in a stretch of ten seconds that begins with the first.
class Server
{
public:
    QFuture<Reply> request(const QString &path)
    {
        const auto now = Tactus::Clock::defaultClock()->now();
        if (now >= m_windowEnd) {
            m_windowEnd = now + 10s;
            m_count = 0;
        }
        if (++m_count > 3) {
            ++refused;
            return after(100ms, Reply{ 429, m_windowEnd - now });
        }
        served.append(path);
        return after(100ms, Reply{});
    }

    QStringList served;
    int refused = 0;

private:
    Tactus::Clock::Instant m_windowEnd{};
    int m_count = 0;
};

//! [retry]
class Api : public QObject
{
    Q_OBJECT

public:
    using Handler = std::function<void(const Reply &)>;

    explicit Api(Server *server)
        : m_server(server)
    {
    }

    void get(const QString &path, const Handler &handler, int attempts = 5)
    {
        const auto task = [this, path] {
            return m_server->request(path).then(this, [this](const Reply &reply) {
                if (reply.status == 429)
                    m_limiter.holdFor(reply.retryAfter); // before the next task may start
                return reply;
            });
        };
        m_limiter.push(task).then(this, [=, this](const Reply &reply) {
            if (reply.status == 429 && attempts > 1)
                get(path, handler, attempts - 1);
            else
                handler(reply);
        });
    }

private:
    Server *m_server;
    Tactus::SerialRateLimiter m_limiter{ 5, 1s };
};
//! [retry]

//! [again]
class Reporter : public QObject
{
    Q_OBJECT

public:
    void send(const QByteArray &report, int attempts = 3)
    {
        m_limiter.push([this, report] { return upload(report); })
                .onFailed(this, [=, this](const std::exception &error) {
                    if (attempts > 1)
                        send(report, attempts - 1);
                    else
                        Q_EMIT failed(report, QString::fromUtf8(error.what()));
                });
    }

Q_SIGNALS:
    void failed(const QByteArray &report, const QString &why);

private:
    QFuture<void> upload(const QByteArray &report);

    Tactus::SerialRateLimiter m_limiter{ 2, 1s };
};
//! [again]

QByteArrayList uploads;
int uploadsToFail = 0;
QFuture<void> Reporter::upload(const QByteArray &report)
{
    uploads.append(report);
    if (uploadsToFail-- > 0) {
        const auto error = std::make_exception_ptr(std::runtime_error("no route"));
        return QFuture<void>(failAfter<int>(100ms, error));
    }
    return QFuture<void>(after(100ms, 0));
}

//! [document]
class Document : public QObject
{
    Q_OBJECT

public:
    Document()
    {
        m_saves.setMaximumPending(1);
        m_saves.setOverflow(Tactus::SerialRateLimiter::Overflow::DropOldest);
    }

    void edit(const QString &text)
    {
        m_text = text;
        m_saves.post([this, text] { return save(text); });
    }

    QFuture<void> close() { return m_saves.drain(); } // when the last state is on the disk

private:
    QFuture<void> save(const QString &text);

    QString m_text;
    Tactus::SerialRateLimiter m_saves{ 1, 2s };
};
//! [document]

QStringList savedTexts;
QFuture<void> Document::save(const QString &text)
{
    savedTexts.append(text);
    return QFuture<void>(after(500ms, 0));
}

using Row = int;

class Database
{
public:
    void insert(const QList<Row> &rows) { transactions.append(rows.size()); }
    QList<qsizetype> transactions;
};

//! [batch]
class Recorder
{
public:
    explicit Recorder(Database *database)
        : m_database(database)
    {
    }

    void write(Row row)
    {
        m_rows.append(row);
        if (m_writes.pendingCount() == 0) // otherwise one will take this row along
            m_writes.post([this] { m_database->insert(std::exchange(m_rows, {})); });
    }

private:
    Database *m_database;
    QList<Row> m_rows;
    Tactus::SerialRateLimiter m_writes{ 1, 1s };
};
//! [batch]

//! [hosts]
class Crawler
{
public:
    void fetch(const QUrl &url)
    {
        limiterFor(url.host()).post([this, url] { return request(url); });
    }

private:
    Tactus::SerialRateLimiter &limiterFor(const QString &host)
    {
        return m_limiters.try_emplace(host, 1, 5s).first->second; // one in 5 s, for each host
    }
    QFuture<int> request(const QUrl &url);

    std::map<QString, Tactus::SerialRateLimiter> m_limiters;
};
//! [hosts]

QList<std::pair<QString, Tactus::Duration>> requests;
QFuture<int> Crawler::request(const QUrl &url)
{
    requests.append({ url.host(), Tactus::Clock::defaultClock()->now().time_since_epoch() });
    return after(100ms, 200);
}

//! [shutdown]
class Uploader : public QObject
{
    Q_OBJECT

public:
    void upload(const QByteArray &chunk)
    {
        if (!m_isClosing)
            m_limiter.post([this, chunk] { return send(chunk); });
    }

    void close()
    {
        m_isClosing = true;
        m_limiter.drain().then(this, [this] { Q_EMIT closed(); });
        // But not for ever: what has not started by then will not.
        m_deadline.setMaximumTicks(1);
        m_deadline.setCallback(this, [this] { m_limiter.clear(); });
        m_deadline.start();
    }

Q_SIGNALS:
    void closed();

private:
    QFuture<int> send(const QByteArray &chunk);

    bool m_isClosing = false;
    Tactus::SerialRateLimiter m_limiter{ 2, 1s };
    Tactus::ScheduledTimer m_deadline{ 5s };
};
//! [shutdown]

int sentChunks = 0;
QFuture<int> Uploader::send(const QByteArray &)
{
    ++sentChunks;
    return after(200ms, 1);
}

class Modem
{
public:
    QFuture<QByteArray> command(const QByteArray &text)
    {
        commands.append(text);
        return after(50ms, QByteArray("OK ") + text);
    }
    QByteArrayList commands;
};

} // namespace

class tst_CookbookLimiters : public VirtualTimeTest
{
    Q_OBJECT

private Q_SLOTS:
    void retry();
    void again();
    void save();
    void batch();
    void progress();
    void network();
    void shutdown();
    void severalWindows();
    void hosts();
    void breaker();
    void oneAtATime();
    void boundedQueue();

private:
    void setProgress(int percent, Tactus::Duration rest)
    {
        m_percent = percent;
        m_rest = rest;
    }
    int m_percent = 0;
    Tactus::Duration m_rest{};
};

void tst_CookbookLimiters::retry()
{
    Server server;
    Api api(&server);
    int answered = 0;
    for (int i = 0; i < 10; ++i) {
        api.get(QString::number(i), [&answered](const Reply &reply) {
            QCOMPARE(reply.status, 200);
            ++answered;
        });
    }
    clock().advance(1min);
    QCOMPARE(answered, 10);
    QCOMPARE(server.refused, 3); // one at the end of each stretch
    QCOMPARE(server.served.size(), 10);
}

void tst_CookbookLimiters::again()
{
    Reporter reporter;
    QStringList failures;
    connect(&reporter, &Reporter::failed, this,
            [&failures](const QByteArray &report, const QString &why) {
                failures.append(QString::fromUtf8(report) + QStringLiteral(": ") + why);
            });
    uploadsToFail = 2;
    reporter.send("one");
    reporter.send("two");
    clock().advance(10s);
    QCOMPARE(uploads, QByteArrayList({ "one", "two", "one", "two" }));
    QVERIFY(failures.isEmpty());

    uploads.clear();
    uploadsToFail = 3;
    reporter.send("three");
    clock().advance(10s);
    QCOMPARE(uploads, QByteArrayList({ "three", "three", "three" }));
    QCOMPARE(failures, QStringList(QStringLiteral("three: no route")));
}

void tst_CookbookLimiters::save()
{
    Document document;
    for (int i = 1; i <= 10; ++i) {
        document.edit(QString::number(i));
        clock().advance(300ms);
    }
    QFuture<void> closed = document.close();
    clock().advance(5s);
    QVERIFY(closed.isFinished());
    QCOMPARE(savedTexts,
             QStringList({ QStringLiteral("1"), QStringLiteral("9"), QStringLiteral("10") }));
}

void tst_CookbookLimiters::batch()
{
    Database database;
    Recorder recorder(&database);
    for (int i = 0; i < 500; ++i) {
        recorder.write(i);
        clock().advance(10ms);
    }
    clock().advance(1s);
    QCOMPARE(database.transactions, QList<qsizetype>({ 1, 99, 100, 100, 100, 100 }));
}

void tst_CookbookLimiters::progress()
{
    Tactus::SerialRateLimiter limiter(2, 1s);
    const int total = 20;
    //! [progress]
    connect(&limiter, &Tactus::SerialRateLimiter::pendingCountChanged, this, [&] {
        const qsizetype done = total - limiter.pendingCount();
        setProgress(int(100 * done / total), limiter.estimatedWait());
    });
    //! [progress]
    for (int i = 0; i < total; ++i)
        limiter.post([] { return after(10ms, 0); });
    clock().advance(1s);
    QCOMPARE(m_percent, 10);
    QVERIFY(m_rest >= 8s);
    clock().advance(4s);
    QCOMPARE(m_percent, 50);
    clock().advance(5s);
    QCOMPARE(m_percent, 100);
}

void tst_CookbookLimiters::network()
{
    Tactus::SerialRateLimiter limiter(10, 1s);
    Tactus::ScheduledTimer poll(1min);
    int sent = 0;
    //! [network]
    const auto setOnline = [&](bool isOnline) {
        limiter.setPaused(!isOnline); // what is queued waits, in order
        poll.setRunning(isOnline); // what is not worth waiting for does not happen
    };
    const auto follow = [this, setOnline](QNetworkInformation *network) {
        connect(network, &QNetworkInformation::reachabilityChanged, this,
                [setOnline](QNetworkInformation::Reachability reachability) {
                    setOnline(reachability == QNetworkInformation::Reachability::Online);
                });
    };
    //! [network]
    Q_UNUSED(follow)
    setOnline(false);
    for (int i = 0; i < 3; ++i)
        limiter.post([&sent] { ++sent; });
    clock().advance(1h);
    QCOMPARE(sent, 0);
    QCOMPARE(poll.tickCount(), 0);
    setOnline(true);
    clock().advance(1min);
    QCOMPARE(sent, 3);
    QCOMPARE(poll.tickCount(), 1);
}

void tst_CookbookLimiters::shutdown()
{
    for (const int chunks : { 4, 100 }) {
        sentChunks = 0;
        Uploader uploader;
        int closed = 0;
        connect(&uploader, &Uploader::closed, this, [&closed] { ++closed; });
        for (int i = 0; i < chunks; ++i)
            uploader.upload("data");
        clock().advance(100ms);
        uploader.close();
        uploader.upload("too late");
        const auto begin = elapsed();
        while (closed == 0 && clock().advanceToNext()) {
        }
        QCOMPARE(closed, 1);
        QVERIFY(elapsed() - begin <= 5s + 200ms);
        QCOMPARE(sentChunks, chunks == 4 ? 4 : 10);
    }
}

void tst_CookbookLimiters::severalWindows()
{
    //! [windows]
    Tactus::SerialRateLimiter limiter;
    limiter.setLimits({ Tactus::RateLimit(10, 1s), Tactus::RateLimit(100, 1min) });
    limiter.setMargin(50ms); // the server's clock is not ours
    //! [windows]
    for (int i = 0; i < 101; ++i)
        limiter.post([] {});
    clock().advance(10s);
    QCOMPARE(limiter.completedCount(), 100);
    clock().advance(50s);
    QCOMPARE(limiter.completedCount(), 100);
    clock().advance(50ms);
    QCOMPARE(limiter.completedCount(), 101);
}

void tst_CookbookLimiters::hosts()
{
    Crawler crawler;
    for (int i = 0; i < 3; ++i) {
        crawler.fetch(QUrl(QStringLiteral("https://one.example/%1").arg(i)));
        crawler.fetch(QUrl(QStringLiteral("https://two.example/%1").arg(i)));
    }
    clock().advance(1min);
    QCOMPARE(requests.size(), 6);
    QCOMPARE(requests.at(0).second, Tactus::Duration(0s));
    QCOMPARE(requests.at(1).second, Tactus::Duration(0s)); // side by side
    QCOMPARE(requests.at(2).second, Tactus::Duration(5s + 100ms));
    QCOMPARE(requests.at(5).second, Tactus::Duration(10s + 200ms));
}

void tst_CookbookLimiters::breaker()
{
    int calls = 0;
    const auto failing = [&calls]() -> int {
        ++calls;
        throw std::runtime_error("no");
    };
    Tactus::SerialRateLimiter limiter(10, 1s);
    //! [breaker]
    int failuresInARow = 0;
    connect(&limiter, &Tactus::SerialRateLimiter::taskCompleted, this,
            [&failuresInARow] { failuresInARow = 0; });
    connect(&limiter, &Tactus::SerialRateLimiter::taskFailed, this, [&] {
        if (++failuresInARow % 5 == 0)
            limiter.holdFor(1min);
    });
    //! [breaker]
    for (int i = 0; i < 12; ++i)
        limiter.post(failing);
    clock().advance(1min - 1ns);
    QCOMPARE(calls, 5);
    clock().advance(1min);
    QCOMPARE(calls, 10);
    clock().advance(1ns);
    QCOMPARE(calls, 12);
}

void tst_CookbookLimiters::oneAtATime()
{
    Modem modem;
    QByteArrayList answers;
    //! [one]
    Tactus::SerialRateLimiter line(1000, 1s); // a rate that is never in the way
    const auto send = [&](const QByteArray &command) {
        return line.push([&modem, command] { return modem.command(command); });
    };
    //! [one]
    for (const char *command : { "AT", "ATI", "ATZ" })
        send(command).then(this, [&answers](const QByteArray &answer) { answers.append(answer); });
    clock().advance(99ms);
    QCOMPARE(modem.commands, QByteArrayList({ "AT", "ATI" }));
    clock().advance(1s);
    QCOMPARE(answers, QByteArrayList({ "OK AT", "OK ATI", "OK ATZ" }));
}

void tst_CookbookLimiters::boundedQueue()
{
    int refusals = 0;
    //! [bounded]
    Tactus::SerialRateLimiter mails(1, 1h); // one mail an hour, and the next one in waiting
    mails.setMaximumPending(1);
    const auto alarm = [&](const std::function<void()> &send) {
        mails.push(send).onFailed(this, [&](const Tactus::QueueFullError &) { ++refusals; });
    };
    //! [bounded]
    int sent = 0;
    for (int minute = 0; minute < 180; ++minute) {
        alarm([&sent] { ++sent; });
        clock().advance(1min);
    }
    clock().advance(1h);
    QCOMPARE(sent, 4);
    QCOMPARE(refusals, 176);
}

QTEST_GUILESS_MAIN(tst_CookbookLimiters)

#include "tst_cookbook_limiters.moc"
