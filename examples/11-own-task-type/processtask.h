// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/TaskTraits>

#include <QtCore/qbytearray.h>
#include <QtCore/qfuture.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qprocess.h>
#include <QtCore/qpromise.h>
#include <QtCore/qstring.h>

#include <exception>
#include <memory>
#include <stdexcept>

// Callbacks and tasks may return a process that they have started: they last until it has ended.
//! [traits]
template <>
struct Tactus::TaskTraits<QProcess *>
{
    static QFuture<QByteArray> toFuture(QProcess *process)
    {
        const auto promise = std::make_shared<QPromise<QByteArray>>();
        promise->start();

        // When it is finished, and with what result or exception.
        QObject::connect(process, &QProcess::finished, process,
                         [process, promise] { end(process, *promise); });
        QObject::connect(process, &QProcess::errorOccurred, process,
                         [process, promise](QProcess::ProcessError error) {
                             if (error == QProcess::FailedToStart) // finished() will not come
                                 end(process, *promise);
                         });
        if (process->state() == QProcess::NotRunning) // it has failed to start already
            end(process, *promise);

        // How it is canceled. The watcher is deleted with the process.
        auto *watcher = new QFutureWatcher<QByteArray>(process);
        QObject::connect(watcher, &QFutureWatcherBase::canceled, process, &QProcess::kill);
        watcher->setFuture(promise->future());
        return promise->future();
    }

private:
    static void end(QProcess *process, QPromise<QByteArray> &promise)
    {
        if (process->error() == QProcess::UnknownError && process->exitCode() == 0)
            promise.addResult(process->readAllStandardOutput());
        else
            promise.setException(std::make_exception_ptr(std::runtime_error(reason(*process))));
        promise.finish();
        process->deleteLater();
    }

    static std::string reason(const QProcess &process)
    {
        if (process.error() == QProcess::UnknownError)
            return "exit code " + std::to_string(process.exitCode());
        return process.errorString().toStdString();
    }
};
//! [traits]
