# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Runs an example and checks what it prints.
#
#   cmake -D PROGRAM=<executable> [-D OPTION=<option>] -D EXPECTED=<expected.txt> -P check.cmake
#
# The program must end by itself with exit code 0. Each line of expected.txt is a regular expression
# (CMake's: . * + ? | ( ) [ ] ^ $, no {} and no \d), tried on one line of standard output at a time:
#
#   regex     some line after the one that the previous regex matched must match
#   !regex    no line of the whole output may match
#   # text    a comment; empty lines are skipped too
#
# What stands before or after the match on its line does not matter: use ^ and $ where it should.

# Takes the first line off the text in <rest>. No CMake lists: they would trip over ; and [ ].
macro(take_line rest line)
    string(FIND "${${rest}}" "\n" end)
    if(end EQUAL -1)
        set(${line} "${${rest}}")
        set(${rest} "")
    else()
        string(SUBSTRING "${${rest}}" 0 ${end} ${line})
        math(EXPR end "${end} + 1")
        string(SUBSTRING "${${rest}}" ${end} -1 ${rest})
    endif()
endmacro()

function(fail reason)
    message(FATAL_ERROR "${reason}\nIt printed:\n${output}")
endfunction()

execute_process(COMMAND "${PROGRAM}" ${OPTION} OUTPUT_VARIABLE output RESULT_VARIABLE result)
string(REPLACE "\r\n" "\n" output "${output}")
if(NOT result EQUAL 0)
    fail("${PROGRAM} ended with: ${result}")
endif()

file(READ "${EXPECTED}" expectations)
set(remaining "${output}")
set(checks 0)

while(NOT expectations STREQUAL "")
    take_line(expectations expectation)
    if(expectation STREQUAL "" OR expectation MATCHES "^#")
        continue()
    endif()
    math(EXPR checks "${checks} + 1")

    if(expectation MATCHES "^!(.+)$")
        set(forbidden "${CMAKE_MATCH_1}")
        set(lines "${output}")
        while(NOT lines STREQUAL "")
            take_line(lines line)
            if(line MATCHES "${forbidden}")
                fail("This must not be printed: ${forbidden}\nbut this line matches: ${line}")
            endif()
        endwhile()
        continue()
    endif()

    set(found FALSE)
    while(NOT found AND NOT remaining STREQUAL "")
        take_line(remaining line)
        if(line MATCHES "${expectation}")
            set(found TRUE)
        endif()
    endwhile()
    if(NOT found)
        fail("Nothing matches, or not in this order: ${expectation}")
    endif()
endwhile()

if(checks EQUAL 0)
    message(FATAL_ERROR "${EXPECTED} expects nothing")
endif()
message("${output}")
