// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// <Tactus/network.h>: tasks and callbacks that return a QNetworkReply.

#include "../serialratelimiter/limiterfixture.h"

#include <Tactus/network.h>
#include <Tactus/scheduledtimer.h>

#include <QtCore/qpointer.h>
#include <QtNetwork/qnetworkaccessmanager.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>

using namespace LimiterTest;
using Tactus::ScheduledTimer;
using Tactus::TaskTraits;
using Tactus::Tick;

namespace {

// A reply whose end is the test's to decide.
class FakeReply : public QNetworkReply
{
public:
    explicit FakeReply(const QNetworkRequest &request = {})
    {
        setRequest(request);
        open(QIODevice::ReadOnly);
    }

    void setHeader(const QByteArray &name, const QByteArray &value) { setRawHeader(name, value); }
    void end(NetworkError error = NoError)
    {
        if (error != NoError)
            setError(error, QStringLiteral("on purpose"));
        setFinished(true);
        Q_EMIT finished();
    }
    void abort() override
    {
        ++aborts;
        if (endsWhenAborted)
            end(OperationCanceledError);
    }

    int aborts = 0;
    bool endsWhenAborted = true;

protected:
    qint64 readData(char *, qint64) override { return -1; }
};

// What only "http" would have to be real for.
class FakeManager : public QNetworkAccessManager
{
public:
    QPointer<FakeReply> last;

protected:
    QNetworkReply *createRequest(Operation, const QNetworkRequest &request, QIODevice *) override
    {
        last = new FakeReply(request);
        last->setParent(this);
        return last;
    }
};

QNetworkRequest anyRequest()
{
    return QNetworkRequest(QUrl(QStringLiteral("http://localhost/")));
}

// Answers every request according to its path; on the loopback interface.
class Server : public QTcpServer
{
public:
    Server()
    {
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { answer(socket); });
            connect(socket, &QTcpSocket::disconnected, this, [this] { ++disconnections; });
        });
        if (!listen(QHostAddress::LocalHost))
            qFatal("no port on the loopback interface");
    }

    QNetworkRequest request(const char *path) const
    {
        return QNetworkRequest(QUrl(QStringLiteral("http://127.0.0.1:%1/%2")
                                            .arg(serverPort())
                                            .arg(QString::fromLatin1(path))));
    }

    int requests = 0;
    int disconnections = 0;

private:
    void answer(QTcpSocket *socket)
    {
        const QByteArray head = socket->readAll();
        ++requests;
        if (head.startsWith("GET /ok "))
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        else if (head.startsWith("GET /busy "))
            socket->write("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n"
                          "Content-Length: 4\r\n\r\nlate");
        else if (head.startsWith("GET /drop "))
            socket->abort();
        // else: silence
    }
};

using Result = QFuture<QNetworkReply *>;
static_assert(std::is_same_v<Tactus::Detail::ResultOf<QNetworkReply *>::Type, QNetworkReply *>);

} // namespace

class tst_Network : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { failOnWarnings(); }

    void resultIsTheReply();
    void networkErrorIsAResult();
    void replyThatHasFinishedBefore();
    void replyThatIsFinishedByItsUser();
    void nullReplyIsAnError();
    void replyDeletedWhileWaiting();
    void replyDeletedBySlotOfFinished();
    void replyThatDeletesItself_data();
    void replyThatDeletesItself();
    void L1_laneIsTakenUntilTheReplyHasFinished();
    void L7_cancelingAborts();
    void L7_cancelingBetweenFinishAndDelivery();
    void L7_cancelingInsideTheTask();
    void L15_limiterDeletedWhileWaiting();
    void L19_timeoutAborts();
    void L19_lateReplyIsDeleted();
    void L19_replyThatIsThereTooLateIsDeleted();
    void T1_callbackIsAwaited();
    void T7_cancelAborts();
    void T16_timeoutAborts();
    void userContinuation();

    void realAnswer();
    void realHttpError();
    void realTransportError_data();
    void realTransportError();
    void realAbort();

    void retryAfter_data();
    void retryAfter();
    void retryAfterWithoutAHeader();
    void retryAfterCountsFromTheServersDate();
    void retryAfterIsCapped();
    void L12_retryAfterFeedsHoldFor();
};

void tst_Network::resultIsTheReply()
{
    Fixture f;
    FakeReply reply;
    const Result future = f.limiter.push([&reply]() -> QNetworkReply * { return &reply; });
    f.settle();
    QVERIFY(f.limiter.isBusy());
    QVERIFY(!future.isFinished());

    f.clock.advance(1s);
    QVERIFY(!future.isFinished());
    reply.end();
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(future.result(), &reply);
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "completed 1", "drained" }));
}

void tst_Network::networkErrorIsAResult()
{
    Fixture f;
    FakeReply reply;
    const Result future = f.limiter.push([&reply]() -> QNetworkReply * { return &reply; });
    f.settle();
    reply.end(QNetworkReply::HostNotFoundError);
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(errorOf(future), QString());
    QCOMPARE(future.result(), &reply);
    QCOMPARE(f.limiter.completedCount(), 1);
    QCOMPARE(f.limiter.failedCount(), 0);
}

void tst_Network::replyThatHasFinishedBefore()
{
    FakeReply reply;
    reply.end();
    const Result future = TaskTraits<QNetworkReply *>::toFuture(&reply);
    QVERIFY(future.isFinished());
    QCOMPARE(future.result(), &reply);

    Fixture f;
    const Result pushed = f.limiter.push([&reply]() -> QNetworkReply * { return &reply; });
    f.settle();
    QVERIFY(pushed.isFinished());
    QCOMPARE(pushed.result(), &reply);
}

// Not through the future: an answer like any other.
void tst_Network::replyThatIsFinishedByItsUser()
{
    Fixture f;
    FakeReply reply;
    const Result future = f.limiter.push([&reply]() -> QNetworkReply * { return &reply; });
    f.settle();
    reply.abort();
    f.settle();
    QCOMPARE(future.result(), &reply);
    QCOMPARE(reply.error(), QNetworkReply::OperationCanceledError);
    QCOMPARE(f.limiter.completedCount(), 1);
}

void tst_Network::nullReplyIsAnError()
{
    Fixture f;
    const Result future = f.limiter.push([]() -> QNetworkReply * { return nullptr; });
    f.settle();
    QVERIFY(future.isFinished());
    QCOMPARE(errorOf(future), QStringLiteral("the task returned a null QNetworkReply"));
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "failed 1", "drained" }));
    QCOMPARE(f.log->messages,
             QStringList({ QStringLiteral("the task returned a null QNetworkReply") }));

    ManualClock clock;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    timer.setCallback([]() -> QNetworkReply * { return nullptr; });
    QSignalSpy errors(&timer, &ScheduledTimer::errorOccurred);
    timer.start();
    clock.advance(2s);
    QCOMPARE(errors.count(), 2);
    QCOMPARE(errors.first().at(1).toString(),
             QStringLiteral("the task returned a null QNetworkReply"));
}

void tst_Network::replyDeletedWhileWaiting()
{
    Fixture f;
    auto reply = std::make_unique<FakeReply>();
    const Result future = f.limiter.push([&reply]() -> QNetworkReply * { return reply.get(); });
    f.settle();
    reply.reset();
    f.settle();
    QVERIFY(wasCanceled(future));
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "canceled 1", "drained" }));
}

void tst_Network::replyDeletedBySlotOfFinished()
{
    Fixture f;
    auto *reply = new FakeReply;
    connect(reply, &QNetworkReply::finished, reply, [reply] { reply->deleteLater(); });
    f.limiter.post([reply]() -> QNetworkReply * { return reply; });
    f.settle();
    const QPointer<FakeReply> watched = reply;
    reply->end();
    f.settle();
    QVERIFY(!watched);
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "completed 1", "drained" }));
}

void tst_Network::replyThatDeletesItself_data()
{
    QTest::addColumn<bool>("byManager");
    QTest::newRow("by the manager") << true;
    QTest::newRow("by the request") << false;
}

// There is nothing left that could be handed over, and that must not be a dangling pointer.
void tst_Network::replyThatDeletesItself()
{
    QFETCH(bool, byManager);
    Server server;
    QNetworkAccessManager manager;
    QNetworkRequest request = server.request("ok");
    if (byManager)
        manager.setAutoDeleteReplies(true);
    else
        request.setAttribute(QNetworkRequest::AutoDeleteReplyOnFinishAttribute, true);
    SerialRateLimiter limiter(1000, 1s);
    QPointer<QNetworkReply> reply;
    const Result future = limiter.push([&] {
        reply = manager.get(request);
        return reply.data();
    });
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000);
    QVERIFY(!reply);
    QCOMPARE(future.result(), nullptr);
    QCOMPARE(limiter.completedCount(), 1);
}

void tst_Network::L1_laneIsTakenUntilTheReplyHasFinished()
{
    Fixture f;
    FakeManager manager;
    Result first = f.limiter.push([&manager] { return manager.get(anyRequest()); });
    const auto second = f.limiter.push([] {});
    f.settle();
    const QPointer<FakeReply> reply = manager.last;
    QVERIFY(reply);
    reply->endsWhenAborted = false;
    first.cancel();
    f.clock.advance(1h);
    QVERIFY(reply);
    QCOMPARE(reply->aborts, 1);
    QVERIFY(f.limiter.isBusy());
    QVERIFY(!second.isFinished());

    reply->end(QNetworkReply::OperationCanceledError);
    f.settle();
    QVERIFY(!reply);
    QVERIFY(second.isFinished());
    QVERIFY(!f.limiter.isBusy());
}

void tst_Network::L7_cancelingAborts()
{
    Fixture f;
    FakeManager manager;
    Result future = f.limiter.push([&manager] { return manager.get(anyRequest()); });
    f.settle();
    QVERIFY(manager.last);
    future.cancel();
    f.settle();
    QVERIFY(wasCanceled(future));
    QVERIFY(!manager.last); // nobody else would delete it
    QCOMPARE(f.log->take(), QByteArrayList({ "started 1", "canceled 1", "drained" }));
}

void tst_Network::L7_cancelingBetweenFinishAndDelivery()
{
    Fixture f;
    FakeManager manager;
    Result future = f.limiter.push([&manager] { return manager.get(anyRequest()); });
    f.settle();
    manager.last->end();
    future.cancel();
    f.settle();
    QVERIFY(wasCanceled(future));
    QVERIFY(!manager.last);
}

void tst_Network::L7_cancelingInsideTheTask()
{
    Fixture f;
    FakeManager manager;
    Result future;
    future = f.limiter.push([&] {
        QNetworkReply *reply = manager.get(anyRequest());
        future.cancel();
        return reply;
    });
    f.settle();
    QVERIFY(wasCanceled(future));
    QVERIFY(!manager.last);
    QVERIFY(!f.limiter.isBusy());
}

// Too late, but the timer that would have noticed has not had its turn.
void tst_Network::L19_replyThatIsThereTooLateIsDeleted()
{
    Fixture f;
    f.limiter.setTaskTimeout(5s);
    FakeManager manager;
    const Result future = f.limiter.push([&] {
        QNetworkReply *const reply = manager.get(anyRequest());
        manager.last->end();
        f.clock.elapse(6s);
        return reply;
    });
    f.settle();
    QVERIFY_THROWS_EXCEPTION(Tactus::TimeoutError, Result(future).waitForFinished());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(!manager.last);
}

void tst_Network::L19_lateReplyIsDeleted()
{
    Fixture f;
    f.limiter.setTaskTimeout(5s);
    FakeManager manager;
    const Result future = f.limiter.push([&manager] { return manager.get(anyRequest()); });
    f.settle();
    f.clock.elapse(6s);
    manager.last->end();
    QCoreApplication::processEvents();
    f.settle();
    QVERIFY_THROWS_EXCEPTION(Tactus::TimeoutError, Result(future).waitForFinished());
    QVERIFY(!manager.last);
}

void tst_Network::L15_limiterDeletedWhileWaiting()
{
    ManualClock clock;
    FakeManager manager;
    auto limiter = std::make_unique<SerialRateLimiter>();
    limiter->setClock(&clock);
    const Result future = limiter->push([&manager] { return manager.get(anyRequest()); });
    clock.advance(0ns);
    QVERIFY(manager.last);
    limiter.reset();
    QVERIFY(wasCanceled(future));
    clock.advance(0ns);
    QVERIFY(!manager.last);
}

void tst_Network::L19_timeoutAborts()
{
    Fixture f;
    f.limiter.setTaskTimeout(5s);
    FakeManager manager;
    const Result future = f.limiter.push([&manager] { return manager.get(anyRequest()); });
    f.clock.advance(5s);
    QVERIFY(manager.last);
    QCOMPARE(manager.last->aborts, 0);
    f.clock.advance(1ns);
    QVERIFY_THROWS_EXCEPTION(Tactus::TimeoutError, Result(future).waitForFinished());
    QVERIFY(!manager.last);
    QVERIFY(!f.limiter.isBusy());
}

void tst_Network::T1_callbackIsAwaited()
{
    ManualClock clock;
    FakeManager manager;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    QList<qint64> missed;
    timer.setCallback([&](const Tick &tick) {
        missed.append(tick.missed());
        QNetworkReply *reply = manager.get(anyRequest());
        connect(reply, &QNetworkReply::finished, reply, &QObject::deleteLater);
        return reply;
    });
    timer.start();
    clock.advance(3500ms);
    QVERIFY(timer.isBusy());
    QCOMPARE(missed, QList<qint64>({ 0 }));
    manager.last->end(QNetworkReply::TimeoutError);
    clock.advance(0ns);
    QVERIFY(!timer.isBusy());
    clock.advance(1s);
    QCOMPARE(missed, QList<qint64>({ 0, 2 }));
}

void tst_Network::T7_cancelAborts()
{
    ManualClock clock;
    FakeManager manager;
    ScheduledTimer timer(1s);
    timer.setClock(&clock);
    timer.setCallback([&manager] { return manager.get(anyRequest()); });
    QSignalSpy errors(&timer, &ScheduledTimer::errorOccurred);
    timer.start();
    clock.advance(1s);
    const QFuture<void> stopped = timer.cancel();
    QVERIFY(!stopped.isFinished());
    clock.advance(0ns);
    QVERIFY(stopped.isFinished());
    QVERIFY(!manager.last);
    QCOMPARE(errors.count(), 0);
}

void tst_Network::T16_timeoutAborts()
{
    ManualClock clock;
    FakeManager manager;
    ScheduledTimer timer(1s, ScheduledTimer::Policy::Delay);
    timer.setClock(&clock);
    timer.setCallbackTimeout(10s);
    timer.setCallback([&manager] { return manager.get(anyRequest()); });
    QSignalSpy timedOut(&timer, &ScheduledTimer::timedOut);
    timer.start();
    clock.advance(11s);
    QCOMPARE(timedOut.count(), 0);
    clock.advance(1ns);
    QCOMPARE(timedOut.count(), 1);
    QVERIFY(!timer.isBusy());
    QVERIFY(!manager.last);
}

void tst_Network::userContinuation()
{
    Fixture f;
    FakeManager manager;
    QNetworkReply *received = nullptr;
    f.limiter.push([&manager] { return manager.get(anyRequest()); })
            .then(this, [&received](QNetworkReply *reply) {
                received = reply;
                reply->deleteLater();
            });
    f.settle();
    const QPointer<FakeReply> reply = manager.last;
    QVERIFY(reply);
    reply->end();
    const QNetworkReply *const expected = reply;
    f.settle();
    QCOMPARE(received, expected);
    QVERIFY(!reply);
}

void tst_Network::realAnswer()
{
    Server server;
    QNetworkAccessManager manager;
    SerialRateLimiter limiter(1000, 1s);
    const Result future = limiter.push([&] { return manager.get(server.request("ok")); });
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000);
    QCOMPARE(future.result()->error(), QNetworkReply::NoError);
    QCOMPARE(future.result()->readAll(), "hello");
}

void tst_Network::realHttpError()
{
    Server server;
    QNetworkAccessManager manager;
    SerialRateLimiter limiter(1000, 1s);
    const Result future = limiter.push([&] { return manager.get(server.request("busy")); });
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000);
    QNetworkReply *const reply = future.result();
    QVERIFY(reply->error() != QNetworkReply::NoError);
    QCOMPARE(reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), 429);
    QCOMPARE(reply->readAll(), "late");
    QCOMPARE(Tactus::retryAfter(reply), Duration(7s));
    QCOMPARE(limiter.completedCount(), 1);
}

void tst_Network::realTransportError_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("connection closed") << QByteArray("drop");
    QTest::newRow("nobody listens") << QByteArray();
}

void tst_Network::realTransportError()
{
    QFETCH(QByteArray, path);
    Server server;
    const QNetworkRequest request = server.request(path.constData());
    if (path.isEmpty())
        server.close();
    QNetworkAccessManager manager;
    SerialRateLimiter limiter(1000, 1s);
    const Result future = limiter.push([&] { return manager.get(request); });
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000);
    QCOMPARE(future.result()->error(), path.isEmpty() ? QNetworkReply::ConnectionRefusedError
                                                      : QNetworkReply::RemoteHostClosedError);
    QCOMPARE(limiter.completedCount(), 1);
}

void tst_Network::realAbort()
{
    Server server;
    QNetworkAccessManager manager;
    SerialRateLimiter limiter(1000, 1s);
    QPointer<QNetworkReply> reply;
    Result future = limiter.push([&] {
        reply = manager.get(server.request("silence"));
        return reply.data();
    });
    QTRY_COMPARE_WITH_TIMEOUT(server.requests, 1, 30'000);
    QVERIFY(limiter.isBusy());
    future.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000);
    QVERIFY(wasCanceled(future));
    QTRY_COMPARE_WITH_TIMEOUT(server.disconnections, 1, 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(!reply, 30'000);
    QCOMPARE(limiter.canceledCount(), 1);
}

// Sunday, 6 November 1994, 8:49:00: a bit before the date of the examples in RFC 9110.
static constexpr std::chrono::sys_seconds testNow{ 784'111'740s };

void tst_Network::retryAfter_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<qint64>("seconds"); // -1: not understood

    const auto row = [](const char *header, qint64 seconds) {
        QTest::newRow(header) << QByteArray(header) << seconds;
    };
    row("0", 0);
    row("1", 1);
    row("120", 120);
    row(" 120 ", 120);
    row("0000000000000000000000000120", 120);
    row("86400", 86'400);
    row("86401", 86'400);
    row("9223372036854775807", 86'400);
    row("9223372036854775808", 86'400);
    row("18446744073709551615", 86'400);
    row("18446744073709551616", 86'400);
    row("99999999999999999999999999999999", 86'400);
    row("", -1);
    row(" ", -1);
    row("-1", -1);
    row("+1", -1);
    row("1.5", -1);
    row("1e3", -1);
    row("0x10", -1);
    row("1 2", -1);
    row("1, 2", -1);
    row("soon", -1);
    row("12 seconds", -1);
    row("\xd9\xa3", -1); // an Arabic digit

    row("Sun, 06 Nov 1994 08:49:37 GMT", 37);
    row("Sun, 06 Nov 1994 08:49:00 GMT", 0);
    row("Sun, 06 Nov 1994 08:48:59 GMT", 0);
    row("Thu, 01 Jan 1970 00:00:00 GMT", 0);
    row("Sat, 01 Jan 0000 00:00:00 GMT", 0);
    row("Mon, 07 Nov 1994 08:49:00 GMT", 86'400);
    row("Mon, 07 Nov 1994 08:49:01 GMT", 86'400);
    row("Fri, 31 Dec 9999 23:59:59 GMT", 86'400);
    row("Sun, 06 Nov 1994 08:49:60 GMT", 60);
    row("Sun, 06 Nov 1994 08:49:61 GMT", -1);
    row("Sun, 06 Nov 1994 08:60:00 GMT", -1);
    row("Sun, 06 Nov 1994 24:00:00 GMT", -1);
    row("Mon, 31 Nov 1994 08:49:37 GMT", -1);
    row("Wed, 00 Nov 1994 08:49:37 GMT", -1);
    row("Sun, 06 Nov 1994 08:49:37 +0100", -1);
    row("Sun, 06 Nov 1994 08:49:37", -1);
    row("Sun, 06 Nov 1994 08:49:37 GMT.", -1);
    row("Sun, 06 nov 1994 08:49:37 GMT", -1);
    row("Sun, 06 Anf 1994 08:49:37 GMT", -1);
    row("Sun, 06 Oct 1994 08:49:37 GMT", 0);
    row("Sun, 6 Nov 1994 08:49:37 GMT", -1);
    row("06 Nov 1994 08:49:37 GMT", -1);

    row("Sunday, 06-Nov-94 08:49:37 GMT", 37);
    row("Sunday, 06-Nov-94 08:48:37 GMT", 0);
    row("Sunday, 06-Nov-44 08:49:37 GMT", 86'400); // 2044
    row("Monday, 06-Nov-45 08:49:37 GMT", 0); // 1945
    row("Saturday, 06-Nov-99 08:49:37 GMT", 86'400); // 1999
    row("Monday, 06-Nov-00 08:49:37 GMT", 86'400); // 2000
    row("Sun, 06-Nov-94 08:49:37 GMT", -1);

    row("Sun Nov  6 08:49:37 1994", 37);
    row("Sun Nov 06 08:49:37 1994", 37);
    row("Mon Nov  7 00:00:00 1994", 54'660);
    row("Wed Nov 16 08:49:37 1994", 86'400);
    row("Sun Nov 6 08:49:37 1994", -1);
    row("Sun Nov  6 08:49:37 94", -1);
}

void tst_Network::retryAfter()
{
    QFETCH(QByteArray, header);
    QFETCH(qint64, seconds);
    FakeReply reply;
    reply.setHeader("Retry-After", header);
    const std::optional<Duration> wait = Tactus::retryAfter(&reply, 24h, testNow);
    QCOMPARE(wait.has_value(), seconds >= 0);
    if (wait)
        QCOMPARE(*wait, Duration(std::chrono::seconds(seconds)));
}

void tst_Network::retryAfterWithoutAHeader()
{
    const FakeReply reply;
    QVERIFY(!Tactus::retryAfter(&reply));
    QVERIFY(!Tactus::retryAfter(nullptr));
}

// The clocks of servers and clients differ.
void tst_Network::retryAfterCountsFromTheServersDate()
{
    FakeReply reply;
    reply.setHeader("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
    reply.setHeader("Date", "Sun, 06 Nov 1994 08:49:27 GMT");
    QCOMPARE(Tactus::retryAfter(&reply, 24h, testNow), Duration(10s));
    QCOMPARE(Tactus::retryAfter(&reply, 24h, testNow + 10000h), Duration(10s));
    QCOMPARE(Tactus::retryAfter(&reply), Duration(10s));

    reply.setHeader("Date", "yesterday");
    QCOMPARE(Tactus::retryAfter(&reply, 24h, testNow), Duration(37s));
    QCOMPARE(Tactus::retryAfter(&reply, 24h, testNow + 999'999us), Duration(37s)); // rather late
    QCOMPARE(Tactus::retryAfter(&reply), Duration(0)); // that was long ago
}

void tst_Network::retryAfterIsCapped()
{
    FakeReply reply;
    for (const char *header : { "100", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT" }) {
        reply.setHeader("Retry-After", header);
        QCOMPARE(Tactus::retryAfter(&reply, 30s, testNow), Duration(30s));
        QCOMPARE(Tactus::retryAfter(&reply, 1500ms, testNow), Duration(1500ms));
        QCOMPARE(Tactus::retryAfter(&reply, 0s, testNow), Duration(0));
        QCOMPARE(Tactus::retryAfter(&reply, -1s, testNow), Duration(0));
    }
    reply.setHeader("Retry-After", "100");
    QCOMPARE(Tactus::retryAfter(&reply, Duration::max(), testNow), Duration(100s));
    reply.setHeader("Retry-After", "99999999999999999999");
    QCOMPARE(Tactus::retryAfter(&reply, Duration::max(), testNow), Duration::max());
    reply.setHeader("Retry-After", "1");
    QCOMPARE(Tactus::retryAfter(&reply, 1s, testNow), Duration(1s));
    QCOMPARE(Tactus::retryAfter(&reply, 999ms, testNow), Duration(999ms));
}

void tst_Network::L12_retryAfterFeedsHoldFor()
{
    Fixture f;
    FakeReply busy;
    busy.setHeader("Retry-After", "30");
    f.limiter.push([&busy]() -> QNetworkReply * { return &busy; }).then([&f](QNetworkReply *reply) {
        if (const auto wait = Tactus::retryAfter(reply))
            f.limiter.holdFor(*wait);
    });
    f.limiter.post([] {});
    f.clock.advance(10s);
    busy.end(QNetworkReply::UnknownContentError);
    f.clock.advance(1h);
    QCOMPARE(f.log->starts, QList<Duration>({ 0s, 40s }));
}

QTEST_GUILESS_MAIN(tst_Network)
#include "tst_network.moc"
