# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D PREFIX=<prefix> -D VERSION=<x.y.z> -D SERIES=<x.y> -D WORK=<scratch folder>
#       -D SETTINGS=<file> -D GENERATOR=<name> -P requests.cmake
#
# Configures the project in the folder requests, against an installation.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK})
set(ENV{CMAKE_PREFIX_PATH} ${PREFIX})
run(${CMAKE_COMMAND} -G ${GENERATOR} -C ${SETTINGS} -S ${CMAKE_CURRENT_LIST_DIR}/requests -B ${WORK}
    -D VERSION=${VERSION} -D SERIES=${SERIES})
