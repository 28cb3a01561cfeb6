// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "qmlmanualclock_p.h"

#include <Tactus/serialratelimiter.h>

#include <QtCore/qvariant.h>
#include <QtQml/qjsvalue.h>
#include <QtQml/qqml.h>

#include <functional>

namespace Tactus {

class PromiseAdapter;

// The properties and methods here shadow those of the same name in SerialRateLimiter, as those of
// QmlScheduledTimer do.
class QmlSerialRateLimiter : public Tactus::SerialRateLimiter
{
    Q_OBJECT
    QML_NAMED_ELEMENT(SerialRateLimiter)

    Q_PROPERTY(int rate READ rate WRITE setCheckedRate NOTIFY rateChanged)
    Q_PROPERTY(double per READ perMilliseconds WRITE setPerMilliseconds NOTIFY perChanged)
    Q_PROPERTY(QVariantList limits READ limitList WRITE setLimitList NOTIFY limitsChanged)
    Q_PROPERTY(double margin READ marginMilliseconds WRITE setMarginMilliseconds NOTIFY marginChanged)
    Q_PROPERTY(int maximumPending READ maximumPendingNumber WRITE setMaximumPendingNumber NOTIFY
                       maximumPendingChanged)
    Q_PROPERTY(Tactus::SerialRateLimiter::Overflow overflow READ overflow WRITE setCheckedOverflow
                       NOTIFY overflowChanged)
    Q_PROPERTY(double taskTimeout READ taskTimeoutMilliseconds WRITE setTaskTimeoutMilliseconds
                       NOTIFY taskTimeoutChanged)
    Q_PROPERTY(double tolerance READ toleranceMilliseconds WRITE setToleranceMilliseconds NOTIFY
                       toleranceChanged)
    Q_PROPERTY(int pendingCount READ pendingCountNumber NOTIFY pendingCountChanged)
    Q_PROPERTY(double completedCount READ completedCountNumber NOTIFY completedCountChanged)
    Q_PROPERTY(double failedCount READ failedCountNumber NOTIFY failedCountChanged)
    Q_PROPERTY(double canceledCount READ canceledCountNumber NOTIFY canceledCountChanged)
    Q_PROPERTY(
            Tactus::QmlManualClock *clock READ manualClock WRITE setManualClock NOTIFY clockChanged)

    // By these names the bare `overflow: DropOldest` is found.
    Q_PROPERTY(int RejectNewest READ rejectNewestKey CONSTANT)
    Q_PROPERTY(int DropOldest READ dropOldestKey CONSTANT)

public:
    explicit QmlSerialRateLimiter(QObject *parent = nullptr);
    ~QmlSerialRateLimiter() override;

    void setCheckedRate(int rate);
    double perMilliseconds() const;
    void setPerMilliseconds(double per);
    QVariantList limitList() const;
    void setLimitList(const QVariantList &limits);
    double marginMilliseconds() const;
    void setMarginMilliseconds(double margin);
    int maximumPendingNumber() const;
    void setMaximumPendingNumber(int maximumPending);
    void setCheckedOverflow(Overflow overflow);
    double taskTimeoutMilliseconds() const;
    void setTaskTimeoutMilliseconds(double timeout);
    double toleranceMilliseconds() const;
    void setToleranceMilliseconds(double tolerance);
    int pendingCountNumber() const;
    double completedCountNumber() const { return static_cast<double>(completedCount()); }
    double failedCountNumber() const { return static_cast<double>(failedCount()); }
    double canceledCountNumber() const { return static_cast<double>(canceledCount()); }

    QmlManualClock *manualClock() const { return m_clockUser.clock(); }
    void setManualClock(Tactus::QmlManualClock *clock);

    Q_INVOKABLE QJSValue push(const QJSValue &task);
    Q_INVOKABLE void post(const QJSValue &task);
    Q_INVOKABLE int clear();
    Q_INVOKABLE QJSValue drain();
    Q_INVOKABLE void holdFor(double milliseconds);
    Q_INVOKABLE void holdUntil(double instant);
    Q_INVOKABLE double estimatedWait() const;
    Q_INVOKABLE double now() const;

    static int rejectNewestKey() { return static_cast<int>(Overflow::RejectNewest); }
    static int dropOldestKey() { return static_cast<int>(Overflow::DropOldest); }

Q_SIGNALS:
    void clockChanged();

private:
    PromiseAdapter *adapterFor(const char *method, const QJSValue &task);
    QFuture<QJSValue> call(const QJSValue &task, bool reportsErrors);

    ClockUser m_clockUser;
};

} // namespace Tactus
