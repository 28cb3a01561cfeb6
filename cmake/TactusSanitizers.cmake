# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Instrumented builds, for GCC and Clang. The presets asan, tsan, coverage and fuzz use these options.

set(TACTUS_SANITIZE "" CACHE STRING "Sanitizers as a list: address;undefined, or thread")
set_property(CACHE TACTUS_SANITIZE PROPERTY STRINGS "" "address" "undefined" "address;undefined" "thread")

option(TACTUS_COVERAGE "Record which lines the tests execute" OFF)
option(TACTUS_FUZZ "Make the fuzz targets libFuzzer's; needs Clang" OFF)
if(TACTUS_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "TACTUS_FUZZ: libFuzzer comes with Clang, this is ${CMAKE_CXX_COMPILER_ID}")
endif()

set(_tactus_known_sanitizers address undefined leak thread)
foreach(sanitizer IN LISTS TACTUS_SANITIZE)
    if(NOT sanitizer IN_LIST _tactus_known_sanitizers)
        message(FATAL_ERROR "TACTUS_SANITIZE: unknown sanitizer \"${sanitizer}\", known are ${_tactus_known_sanitizers}")
    endif()
endforeach()
if("thread" IN_LIST TACTUS_SANITIZE AND NOT TACTUS_SANITIZE STREQUAL "thread")
    message(FATAL_ERROR "TACTUS_SANITIZE: thread cannot be combined with other sanitizers")
endif()

function(tactus_target_instrumentation target)
    if(TACTUS_SANITIZE)
        string(REPLACE ";" "," sanitizers "${TACTUS_SANITIZE}")
        # Lines are all that AddressSanitizer's stacks need: it saves a fifth of the time to compile. What
        # ThreadSanitizer is told to suppress has inlined functions in it, which need more.
        set(debug_information -g1)
        if("thread" IN_LIST TACTUS_SANITIZE)
            set(debug_information -g)
        endif()
        target_compile_options(${target} PRIVATE
            -fsanitize=${sanitizers} -fno-omit-frame-pointer ${debug_information} -O1)
        target_link_options(${target} PRIVATE -fsanitize=${sanitizers})
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # GCC takes what the instrumentation adds for uses of uninitialized variables.
            target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
        endif()
        if("undefined" IN_LIST TACTUS_SANITIZE)
            # The first finding ends the program: a test must not pass with undefined behaviour in it.
            target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined)
            target_link_options(${target} PRIVATE -fno-sanitize-recover=undefined)
        endif()
    endif()
    if(TACTUS_FUZZ)
        # A number that does not fit into an integer is undefined behaviour, too.
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link,float-cast-overflow)
        target_link_options(${target} PRIVATE -fsanitize=float-cast-overflow)
    endif()
    if(TACTUS_COVERAGE)
        # Counters are updated atomically: tests with several threads would corrupt them otherwise.
        target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic -g -O0)
        target_link_options(${target} PRIVATE --coverage)
    endif()
endfunction()
