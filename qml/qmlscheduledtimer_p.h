// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "qmlmanualclock_p.h"

#include <Tactus/scheduledtimer.h>

#include <QtQml/qjsvalue.h>
#include <QtQml/qqml.h>
#include <QtQml/qqmlparserstatus.h>

namespace Tactus {

// The properties here shadow those of the same name in ScheduledTimer: with durations in
// milliseconds, with 64-bit numbers that QML has no literals for as int, with counters that tools for
// QML know the type of, and with warnings that name the place in the QML file.
class QmlScheduledTimer
    : public Tactus::ScheduledTimer
    , public QQmlParserStatus
{
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_NAMED_ELEMENT(ScheduledTimer)

    Q_PROPERTY(double interval READ intervalMilliseconds WRITE setIntervalMilliseconds NOTIFY
                       intervalChanged)
    Q_PROPERTY(Tactus::ScheduledTimer::Policy policy READ policy WRITE setCheckedPolicy NOTIFY
                       policyChanged)
    Q_PROPERTY(Tactus::ScheduledTimer::ErrorPolicy errorPolicy READ errorPolicy WRITE
                       setCheckedErrorPolicy NOTIFY errorPolicyChanged)
    Q_PROPERTY(bool running READ isRunning WRITE setRunningWhenComplete NOTIFY runningChanged)
    Q_PROPERTY(int maximumTicks READ maximumTicksNumber WRITE setMaximumTicksNumber NOTIFY
                       maximumTicksChanged)
    Q_PROPERTY(double callbackTimeout READ callbackTimeoutMilliseconds WRITE
                       setCallbackTimeoutMilliseconds NOTIFY callbackTimeoutChanged)
    Q_PROPERTY(double tolerance READ toleranceMilliseconds WRITE setToleranceMilliseconds NOTIFY
                       toleranceChanged)
    Q_PROPERTY(double tickCount READ tickCountNumber NOTIFY tickCountChanged)
    Q_PROPERTY(double missedCount READ missedCountNumber NOTIFY missedCountChanged)
    Q_PROPERTY(QJSValue callback READ callback WRITE setCallbackFunction NOTIFY callbackChanged)
    Q_PROPERTY(
            Tactus::QmlManualClock *clock READ manualClock WRITE setManualClock NOTIFY clockChanged)

    // By these names the bare `policy: Fixed` and `errorPolicy: Stop` are found. int, because
    // qmllint cannot tell that an enumeration of the base class is the property's.
    Q_PROPERTY(int Fixed READ fixedKey CONSTANT)
    Q_PROPERTY(int Delay READ delayKey CONSTANT)
    Q_PROPERTY(int Continue READ continueKey CONSTANT)
    Q_PROPERTY(int Stop READ stopKey CONSTANT)

public:
    explicit QmlScheduledTimer(QObject *parent = nullptr);
    ~QmlScheduledTimer() override;

    double intervalMilliseconds() const;
    void setIntervalMilliseconds(double interval);
    void setCheckedPolicy(Policy policy);
    void setCheckedErrorPolicy(ErrorPolicy errorPolicy);
    void setRunningWhenComplete(bool running);
    int maximumTicksNumber() const;
    void setMaximumTicksNumber(int maximumTicks);
    double callbackTimeoutMilliseconds() const;
    void setCallbackTimeoutMilliseconds(double timeout);
    double toleranceMilliseconds() const;
    void setToleranceMilliseconds(double tolerance);
    double tickCountNumber() const { return static_cast<double>(tickCount()); }
    double missedCountNumber() const { return static_cast<double>(missedCount()); }

    QJSValue callback() const { return m_callback; }
    void setCallbackFunction(const QJSValue &callback);

    QmlManualClock *manualClock() const { return m_clockUser.clock(); }
    void setManualClock(Tactus::QmlManualClock *clock);

    Q_INVOKABLE QJSValue stop();
    Q_INVOKABLE QJSValue cancel();

    static int fixedKey() { return static_cast<int>(Policy::Fixed); }
    static int delayKey() { return static_cast<int>(Policy::Delay); }
    static int continueKey() { return static_cast<int>(ErrorPolicy::Continue); }
    static int stopKey() { return static_cast<int>(ErrorPolicy::Stop); }

    void classBegin() override;
    void componentComplete() override;

Q_SIGNALS:
    void callbackChanged();
    void clockChanged();

private:
    QJSValue promiseOf(QFuture<void> (ScheduledTimer::*stopping)());
    QFuture<QJSValue> call(const QJSValue &function, const Tick &tick);

    QJSValue m_callback;
    ClockUser m_clockUser;
    bool m_isComplete = true;
    bool m_startsWhenComplete = false;
};

} // namespace Tactus
