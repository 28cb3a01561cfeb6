// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How an application tests its own QML without sleeping: Watchdog.qml is the application,
// tst_watchdog.qml the test. This only runs it, as Qt Quick Test wants to be run.
//
// Expect three tests that pass, over more than a day of the Watchdog's life, in an instant.

#include <QtQuickTest/quicktest.h>

QUICK_TEST_MAIN(watchdog)
