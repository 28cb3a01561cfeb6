# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D PREFIX=<prefix> -D WORK=<scratch folder> -D COMPILER=<program> -D PKG_CONFIG=<program>
#       -D LIBDIR=<lib> [-D SHARED=<bool>] -P pkgconfig.cmake
#
# Builds consumer/core.cpp with what pkg-config says, and nothing else, and runs it.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBDIR}/pkgconfig)
set(static)
if(NOT SHARED)
    set(static --static)
endif()
run(${PKG_CONFIG} --exists --print-errors TactusCore)
run(${PKG_CONFIG} ${static} --cflags --libs TactusCore)
separate_arguments(flags UNIX_COMMAND "${output}")
run(${COMPILER} -std=c++20 -fPIC -Wall -Wextra ${CMAKE_CURRENT_LIST_DIR}/consumer/core.cpp
    -o ${WORK}/core-consumer ${flags})
set(ENV{LD_LIBRARY_PATH} ${PREFIX}/${LIBDIR})
run_consumer(${WORK}/core-consumer)
