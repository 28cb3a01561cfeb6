// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/manualclock.h>

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtQml/qqml.h>

#include <functional>
#include <memory>

namespace Tactus {

// QML destroys objects in an order of its own, so the objects that run on the clock share it.
class QmlManualClock : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(ManualClock)
    Q_PROPERTY(double now READ now NOTIFY nowChanged)
    Q_PROPERTY(bool asDefault READ asDefault WRITE setAsDefault NOTIFY asDefaultChanged)

public:
    explicit QmlManualClock(QObject *parent = nullptr);
    ~QmlManualClock() override;

    double now() const;

    bool asDefault() const;
    void setAsDefault(bool asDefault);

    std::shared_ptr<ManualClock> shared() const { return m_clock; }
    // The default clock, if that is a QmlManualClock's.
    static std::shared_ptr<ManualClock> sharedDefault();

    Q_INVOKABLE void advance(double milliseconds);
    Q_INVOKABLE void advanceTo(double instant);
    Q_INVOKABLE bool advanceToNext();
    Q_INVOKABLE void elapse(double milliseconds);
    Q_INVOKABLE int pendingWakeUps() const;

Q_SIGNALS:
    void nowChanged();
    void asDefaultChanged();

private:
    const std::shared_ptr<ManualClock> m_clock;
    bool m_asDefault = false;
};

// For an object that runs on a clock: keeps a manual clock alive until the object has gone, with all
// its base classes.
class ClockUser
{
public:
    explicit ClockUser(QObject *object);

    QmlManualClock *clock() const { return m_clock; }
    // What is left of one that was destroyed is not what null stands for.
    bool uses(QmlManualClock *clock) const { return clock == m_clock && (clock || !m_isGiven); }
    // Sets what the object is to run on from now on; null stands for the default clock. `changed` tells
    // of that, and of the end of the QmlManualClock.
    void use(QmlManualClock *clock, const std::function<void(Clock *)> &set,
             const std::function<void()> &changed);

private:
    void keep(const std::shared_ptr<ManualClock> &clock);

    QObject *const m_object;
    QPointer<QmlManualClock> m_clock;
    bool m_isGiven = false;
    QMetaObject::Connection m_kept;
    QMetaObject::Connection m_destroyed;
};

} // namespace Tactus
