// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qglobal.h>

QT_FORWARD_DECLARE_CLASS(QQmlApplicationEngine)

// Opens the dashboard's window. False, with messages of the engine's, if there is anything wrong
// with its QML files or with what they import.
bool openDashboard(QQmlApplicationEngine &engine);
