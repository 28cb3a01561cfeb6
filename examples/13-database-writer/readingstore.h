// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtSql/qsqldatabase.h>

struct Reading
{
    qint64 time = 0; // milliseconds since 1970
    double value = 0;
};

// Readings in an SQLite database, in numbered batches, each of which is there as a whole or not at
// all. What fails throws a std::runtime_error, and has changed nothing.
class ReadingStore
{
public:
    explicit ReadingStore(const QString &path);
    ~ReadingStore();

    qint64 append(const QList<Reading> &batch); // its number; it is durable when this returns
    void maintain(qint64 batchesToKeep);

private:
    Q_DISABLE_COPY_MOVE(ReadingStore)
    QSqlDatabase m_database;
};
