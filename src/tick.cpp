// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/tick.h>

namespace Tactus {

/*!
    \class Tactus::Tick
    \inmodule Tactus
    \inheaderfile Tactus/Tick
    \brief One tick of a ScheduledTimer: which one it is, what was passed over before it, and how
    late it came.

    A Tick is a small value, cheap to copy. A timer hands it to every handler and callable; it can
    be kept, compared, sent through queued connections, and read from QML, where \c due and
    \c lateness are real numbers of milliseconds.

    \snippet tst_reference.cpp tick

    \since Tactus 0.1
*/

/*!
    \fn Tick::Tick()
    The tick with number 0, due at the anchor, in time.
*/

/*!
    The tick \a index, which is \a due after the schedule's anchor and started \a lateness after
    that, with \a missed slots passed over since the tick before it. Timers make their ticks
    themselves; this is for tests of functions that take one.
*/
Tick::Tick(qint64 index, qint64 missed, Duration due, Duration lateness)
    : m_index(index)
    , m_missed(missed)
    , m_due(due)
    , m_lateness(lateness)
{
}

double Tick::dueMilliseconds() const
{
    return std::chrono::duration<double, std::milli>(m_due).count();
}

double Tick::latenessMilliseconds() const
{
    return std::chrono::duration<double, std::milli>(m_lateness).count();
}

/*!
    \fn qint64 Tick::index() const
    With \c Fixed the number of the slot: the tick is due at anchor + index * interval. With
    \c Delay the ordinal of the tick. Both count from 1; with \c triggeredOnStart the tick at the
    anchor is number 0.
*/

/*!
    \fn qint64 Tick::missed() const
    How many slots were passed over since the previous tick. With \c Delay always 0.
*/

/*!
    \fn Tactus::Duration Tick::due() const
    When the tick was due, in nanoseconds since the schedule's anchor, which is the instant of
    start(), restart() or the last change of the interval.
*/

/*!
    \fn Tactus::Duration Tick::lateness() const
    The start of the callback minus the instant at which the tick was due, in nanoseconds. Never
    negative.
*/

} // namespace Tactus
