# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# run(<command> <argument>...) [sets output]: a warning is as bad as a failure.
function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    string(REPLACE ";" " " command "${ARGN}")
    message(STATUS "${command}")
    # Debian's Qt 6.8 comes without the CMake targets of its QML plugins, and then warns of that wherever a
    # program imports them.
    string(REGEX REPLACE
        "CMake Warning at [^\n]*/Qt6QmlMacros\\.cmake:[0-9]+ \\(message\\):\n  The qml plugin '[a-z]+plugin'"
        "" checked "${output}")
    if(NOT result EQUAL 0 OR checked MATCHES "[Ww]arning:|CMake Warning|CMake Deprecation")
        message("${output}")
        message(FATAL_ERROR "exit code ${result}, or a warning")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# What the programs of tests/packaging/consumer must say.
function(run_consumer)
    run(${ARGN})
    if(NOT output MATCHES "ticks: 3 tasks: 3")
        message(FATAL_ERROR "unexpected output: ${output}")
    endif()
endfunction()
