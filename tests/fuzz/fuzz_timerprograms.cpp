// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "programs.h"

#include "../model/timerworld.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    initializePrograms(*argc, *argv);
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    runProgram<Model::TimerWorld>(Bytes(data, size));
    return 0;
}
