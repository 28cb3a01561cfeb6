// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/SerialRateLimiter>

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qfuture.h>
#include <QtCore/qstring.h>
#include <QtCore/qtimer.h>

#include <deque>
#include <optional>

class Device;

struct Request
{
    enum class State { Waiting, Running, Completed, Failed, Canceled };

    bool hasEnded() const { return state != State::Waiting && state != State::Running; }

    qint64 id = 0;
    State state = State::Waiting;
    Tactus::Clock::Instant queued;
    std::optional<Tactus::Clock::Instant> started;
    std::optional<Tactus::Clock::Instant> ended;
    QString answer;
    QFuture<QString> future;
};

// The requests to a device, as a table in the order in which they were made: the last few that have
// ended, the one that is running, and all that wait. A SerialRateLimiter sends them.
//
// It copes with very many: what changes in one turn of the event loop is told to views once, and
// many requests are added in slices, with the event loop in between.
class RequestModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Id, Command, State, Waited, Took, Answer, ColumnCount };
    enum Role { StateRole = Qt::UserRole };

    explicit RequestModel(Device *device, QObject *parent = nullptr);

    Tactus::SerialRateLimiter *limiter() { return &m_limiter; }

    // The request of a row; null if there is no such row.
    const Request *request(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

public Q_SLOTS:
    void add(int count);
    void cancel(const QModelIndex &index);
    void clear();

private:
    void addSlice();
    void start(qint64 id);
    void end(qint64 id, Request::State state, const QString &answer);
    Request *find(qint64 id);
    void changed(qint64 id);
    void tellChanges();
    void forgetOld();
    QString text(const Request &request, int column) const;

    Device *const m_device;
    Tactus::SerialRateLimiter m_limiter;
    std::deque<Request> m_requests; // without gaps: the id tells the place
    qint64 m_lastId = 0;
    int m_toAdd = 0;
    QTimer m_adder;
    qint64 m_firstChanged = 0;
    qint64 m_lastChanged = 0; // less than the first: none
};
