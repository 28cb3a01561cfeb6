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

# What no test runs with sanitizers is only built when it is named. With the thread sanitizer that is also
# what its test preset leaves out, and the window of tests that do not exist there: CMakePresets.json and
# tests/applications/CMakeLists.txt say why.
set(_tactus_never_sanitized device-monitor device-monitor-shots tactus-demo)
if("thread" IN_LIST TACTUS_SANITIZE)
    list(APPEND _tactus_never_sanitized
        device-monitor-window http-client tst_cookbook_limiters tst_cookbook_timers tst_guides tst_network tst_qcoro)
endif()

# Tests that compute more than they wait.
set(_tactus_computing
    device-monitor-window tst_devicemonitor tst_programs tst_serialratelimiter tst_slidingwindow tst_smallworlds
    tst_wakeupqueue
)

function(tactus_target_instrumentation target)
    if(TACTUS_SANITIZE)
        string(REPLACE ";" "," sanitizers "${TACTUS_SANITIZE}")
        # Lines are all that AddressSanitizer's stacks need: it saves a fifth of the time to compile. What
        # ThreadSanitizer is told to suppress has inlined functions in it, which need more.
        set(debug_information -g1)
        if("thread" IN_LIST TACTUS_SANITIZE)
            set(debug_information -g)
        endif()
        # With AddressSanitizer only the library is optimized, and what would run longer by more than it is
        # compiled sooner: large tests compile in half of the time without, and nearly all of what is found is
        # found so too, use after scope included. What needs -O1, the check of object sizes, the library keeps.
        # ThreadSanitizer's programs would hardly be built sooner; fuzzing is about speed.
        set(optimization -O1)
        if("address" IN_LIST TACTUS_SANITIZE AND NOT TACTUS_FUZZ
            AND NOT target MATCHES "^Tactus" AND NOT target IN_LIST _tactus_computing)
            set(optimization -O0)
        endif()
        target_compile_options(${target} PRIVATE
            -fsanitize=${sanitizers} -fno-omit-frame-pointer ${debug_information} ${optimization})
        if(target IN_LIST _tactus_never_sanitized)
            set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
        endif()
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
