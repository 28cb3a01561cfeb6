// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// One measurement of one subject, printed as a line of JSON; run.py starts it, many times over.
//
//   tactus-benchmarks BENCHMARK SUBJECT [NAME=NUMBER...]
//   tactus-benchmarks --list          what there is, one "BENCHMARK SUBJECT" a line
//   tactus-benchmarks --environment   what was built, and on what it runs

#include "registry.h"

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qlibraryinfo.h>
#include <QtCore/qsysinfo.h>

#include <cstdio>
#include <cstdlib>

using namespace Qt::StringLiterals;
using Benchmarks::Registration;

namespace {

[[noreturn]] void list()
{
    for (const auto &[key, measure] : Registration::all())
        std::printf("%s %s\n", key.first.constData(), key.second.constData());
    std::exit(EXIT_SUCCESS);
}

QJsonObject environment()
{
#if defined(__clang__)
    const QString compiler = u"Clang "_s + QLatin1String(__clang_version__);
#elif defined(__GNUC__)
    const QString compiler = u"GCC "_s + QLatin1String(__VERSION__);
#else
    const QString compiler = u"unknown"_s;
#endif
    QJsonObject found = {
        { u"qt"_s, QLatin1String(qVersion()) },
        { u"dispatcher"_s,
          QLatin1String(QAbstractEventDispatcher::instance()->metaObject()->className()) },
        { u"compiler"_s, compiler },
        { u"build"_s, QLatin1String(BUILD_TYPE) },
        { u"system"_s, QSysInfo::prettyProductName() },
        { u"kernel"_s, QSysInfo::kernelVersion() },
    };
#if defined(QCORO_VERSION)
    found.insert(u"qcoro"_s, QLatin1String(QCORO_VERSION));
#endif
    return found;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == u"--list"_s)
        list();
    if (arguments.value(1) == u"--environment"_s)
        Benchmarks::finish(environment());

    const Registration::Key key(arguments.value(1).toUtf8(), arguments.value(2).toUtf8());
    const auto it = Registration::all().find(key);
    if (it == Registration::all().end())
        qFatal("no such measurement: %s %s", key.first.constData(), key.second.constData());
    Benchmarks::Options options;
    for (const QString &argument : arguments.mid(3))
        options.parse(argument);
    Benchmarks::finish(it->second(options));
}
