// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "wakesource_p.h"

#include "dispatchertimer_p.h"

#include <QtCore/qglobal.h>

#ifdef Q_OS_LINUX
#  include "timerfd_p.h"
#endif

namespace Tactus {

std::unique_ptr<WakeSource> WakeSource::make(Owner *owner)
{
#ifdef Q_OS_LINUX
    if (!qEnvironmentVariableIsSet("TACTUS_NO_TIMERFD")) {
        if (auto source = TimerFd::make(owner))
            return source;
    }
#endif
    return std::make_unique<DispatcherTimer>(owner);
}

} // namespace Tactus
