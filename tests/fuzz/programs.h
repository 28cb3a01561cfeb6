// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "target.h"

#include "../model/world.h"

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <iostream>

// The programs of tests/model, out of bytes: each byte is a throw of the dice.

inline void initializePrograms(int &argc, char **argv)
{
    static const QCoreApplication application(argc, argv);
    static Model::OtherThread otherThread;
    Model::countWarnings();
}

template <typename World>
void runProgram(Bytes bytes)
{
    constexpr std::size_t mostSteps = 50;
    const auto steps = static_cast<int>(std::min(bytes.size() / 2, mostSteps));
    const Model::Program program = Model::randomProgram(
            World::vocabulary(), steps, [&bytes](qint64 below) { return bytes.number(below); });
    const QByteArray violation = Model::violationOf<World>(program);
    if (!violation.isEmpty()) {
        std::cerr << program;
        qFatal("%s", violation.constData());
    }
}
