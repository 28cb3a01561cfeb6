// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "requestmodel.h"

#include "device.h"
#include "formatting.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

using namespace std::chrono_literals;
using Tactus::SerialRateLimiter;

namespace {

constexpr int SliceSize = 500;
constexpr int KeptEnded = 6;
constexpr qint64 None = std::numeric_limits<qint64>::max();

QString stateName(Request::State state)
{
    switch (state) {
    case Request::State::Waiting:
        return RequestModel::tr("waiting");
    case Request::State::Running:
        return RequestModel::tr("running");
    case Request::State::Completed:
        return RequestModel::tr("completed");
    case Request::State::Failed:
        return RequestModel::tr("failed");
    case Request::State::Canceled:
        return RequestModel::tr("canceled");
    }
    return {};
}

} // namespace

RequestModel::RequestModel(Device *device, QObject *parent)
    : QAbstractTableModel(parent)
    , m_device(device)
    , m_limiter(5, 1s)
    , m_firstChanged(None)
{
    m_adder.setInterval(0);
    connect(&m_adder, &QTimer::timeout, this, &RequestModel::addSlice);

    connect(&m_limiter, &SerialRateLimiter::taskStarted, this, &RequestModel::start);
    connect(&m_limiter, &SerialRateLimiter::taskCompleted, this, [this](qint64 id) {
        if (const Request *request = find(id))
            end(id, Request::State::Completed, request->future.result());
    });
    connect(&m_limiter, &SerialRateLimiter::taskFailed, this,
            [this](qint64 id, const QString &message) { end(id, Request::State::Failed, message); });
    connect(&m_limiter, &SerialRateLimiter::taskCanceled, this,
            [this](qint64 id) { end(id, Request::State::Canceled, {}); });
}

const Request *RequestModel::request(const QModelIndex &index) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return nullptr;
    return &m_requests[static_cast<std::size_t>(index.row())];
}

int RequestModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_requests.size());
}

int RequestModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RequestModel::data(const QModelIndex &index, int role) const
{
    const Request *const found = request(index);
    if (!found)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*found, index.column());
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case StateRole:
        return static_cast<int>(found->state);
    default:
        return {};
    }
}

QVariant RequestModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber = section == Waited || section == Took;
        return QVariant::fromValue(Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft));
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Id:
        return tr("No.");
    case Command:
        return tr("Request");
    case State:
        return tr("State");
    case Waited:
        return tr("Waited");
    case Took:
        return tr("Took");
    case Answer:
        return tr("Answer");
    default:
        return {};
    }
}

void RequestModel::add(int count)
{
    m_toAdd += count;
    if (!m_adder.isActive())
        addSlice();
}

void RequestModel::addSlice()
{
    const int count = std::min(m_toAdd, SliceSize);
    const int row = rowCount();
    if (count > 0) {
        beginInsertRows({}, row, row + count - 1);
        const Tactus::Clock::Instant now = m_limiter.clock()->now();
        for (int i = 0; i < count; ++i) {
            Request request;
            request.id = ++m_lastId; // the limiter counts in the same way
            request.queued = now;
            request.future = m_limiter.push(m_device, [this, id = request.id] {
                return m_device->execute(id);
            });
            m_requests.push_back(std::move(request));
        }
        endInsertRows();
        m_toAdd -= count;
    }
    if (m_toAdd == 0)
        m_adder.stop();
    else if (!m_adder.isActive())
        m_adder.start();
}

void RequestModel::cancel(const QModelIndex &index)
{
    if (const Request *found = request(index)) {
        auto future = found->future;
        future.cancel();
    }
}

void RequestModel::clear()
{
    m_toAdd = 0;
    m_limiter.clear();
}

void RequestModel::start(qint64 id)
{
    if (Request *request = find(id)) {
        request->state = Request::State::Running;
        request->started = m_limiter.clock()->now();
        changed(id);
    }
}

void RequestModel::end(qint64 id, Request::State state, const QString &answer)
{
    if (Request *request = find(id)) {
        if (request->state == Request::State::Running)
            request->ended = m_limiter.clock()->now();
        request->state = state;
        request->answer = answer;
        request->future = {};
        changed(id);
    }
}

Request *RequestModel::find(qint64 id)
{
    if (m_requests.empty())
        return nullptr;
    const qint64 place = id - m_requests.front().id;
    if (place < 0 || place >= static_cast<qint64>(m_requests.size()))
        return nullptr;
    return &m_requests[static_cast<std::size_t>(place)];
}

void RequestModel::changed(qint64 id)
{
    if (m_firstChanged == None)
        QMetaObject::invokeMethod(this, &RequestModel::tellChanges, Qt::QueuedConnection);
    m_firstChanged = std::min(m_firstChanged, id);
    m_lastChanged = std::max(m_lastChanged, id);
}

void RequestModel::tellChanges()
{
    const qint64 offset = m_requests.front().id;
    Q_EMIT dataChanged(index(static_cast<int>(m_firstChanged - offset), 0),
                       index(static_cast<int>(m_lastChanged - offset), ColumnCount - 1));
    m_firstChanged = None;
    m_lastChanged = 0;
    forgetOld();
}

void RequestModel::forgetOld()
{
    const auto firstAlive = std::find_if(m_requests.cbegin(), m_requests.cend(),
                                         [](const Request &request) { return !request.hasEnded(); });
    const auto surplus = firstAlive - m_requests.cbegin() - KeptEnded;
    if (surplus <= 0)
        return;
    beginRemoveRows({}, 0, static_cast<int>(surplus) - 1);
    m_requests.erase(m_requests.cbegin(), m_requests.cbegin() + surplus);
    endRemoveRows();
}

QString RequestModel::text(const Request &request, int column) const
{
    switch (column) {
    case Id:
        return formatNumber(request.id);
    case Command:
        return Device::command(request.id);
    case State:
        return stateName(request.state);
    case Waited:
        return request.started ? formatDuration(*request.started - request.queued) : QString();
    case Took:
        return request.ended ? formatDuration(*request.ended - *request.started) : QString();
    case Answer:
        return request.answer;
    default:
        return {};
    }
}
