// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tasks of a type of your own. A limiter runs programs one after another, because processtask.h says
// once and for all when a QProcess is finished, what its result is, and how it is canceled. What it
// says holds for the callbacks of a ScheduledTimer too.
//
// Expect a result, two failures, each with its reason, and an endless program that is killed. (The
// programs are this one, with other arguments.)

#include "processtask.h"

#include <Tactus/SerialRateLimiter>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <cstdio>
#include <exception>

using namespace std::chrono_literals;
using Tactus::SerialRateLimiter;

namespace {

// What this program does when it is the one that is run.
int beWorker(const QStringList &arguments)
{
    const QString &work = arguments.at(1);
    if (work == QLatin1String("add"))
        std::printf("%d", arguments.at(2).toInt() + arguments.at(3).toInt());
    else if (work == QLatin1String("loop"))
        return QCoreApplication::exec();
    else
        return 3;
    return 0;
}

//! [task]
QProcess *run(const QString &program, const QStringList &arguments)
{
    auto *process = new QProcess;
    process->start(program, arguments);
    return process;
}
//! [task]

// Says what became of a task.
void report(const char *name, const QFuture<QByteArray> &future, QObject *context)
{
    auto pushed = future;
    pushed.then(context,
                [name](const QByteArray &output) {
                    std::printf("%s: %s\n", name, output.constData());
                })
            .onCanceled(context, [name] { std::printf("%s: canceled\n", name); })
            .onFailed(context, [name](const std::exception &error) {
                std::printf("%s: failed, %s\n", name, error.what());
            });
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() > 1)
        return beWorker(arguments);
    const QString self = QCoreApplication::applicationFilePath();

    SerialRateLimiter limiter(5, 200ms);

    //! [push]
    QFuture<QByteArray> sum = limiter.push([self] {
        return run(self, { QStringLiteral("add"), QStringLiteral("40"), QStringLiteral("2") });
    });
    //! [push]
    report("40 + 2", sum, &app);

    auto nonsense = limiter.push([self] { return run(self, { QStringLiteral("nonsense") }); });
    report("nonsense", nonsense, &app);

    auto missing = limiter.push([] { return run(QStringLiteral("/no/such/program"), {}); });
    report("missing", missing, &app);

    auto endless = limiter.push([self] { return run(self, { QStringLiteral("loop") }); });
    report("endless", endless, &app);
    QObject::connect(&limiter, &SerialRateLimiter::taskStarted, &app, [&endless](qint64 id) {
        if (id == 4)
            QTimer::singleShot(50ms, [&endless] { endless.cancel(); });
    });

    QObject::connect(
            &limiter, &SerialRateLimiter::drained, &app,
            [&limiter] {
                std::printf("%lld completed, %lld failed, %lld canceled\n",
                            limiter.completedCount(), limiter.failedCount(),
                            limiter.canceledCount());
                QCoreApplication::quit();
            },
            Qt::QueuedConnection); // after the continuations, which are queued too
    return QCoreApplication::exec();
}
