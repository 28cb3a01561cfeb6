// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tactus in twelve seconds, on the real clock. Everything printed is measured in this run. Ends
// with 0 if the limiter passed the audit, else with 1.

#include "drift.h"
#include "limiting.h"
#include "overrun.h"
#include "terminal.h"

#include <QtCore/qcoreapplication.h>

int main(int argc, char *argv[])
{
    Terminal terminal;
    const QCoreApplication app(argc, argv);

    showDrift(terminal);
    showOverrun(terminal);
    return showLimiting(terminal) ? 0 : 1;
}
