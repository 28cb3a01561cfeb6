# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D WORK=<scratch folder> -D COMPILER=<program> -P test.cmake
#
# Whether compare tells what breaks programs from what does not.

file(REMOVE_RECURSE ${WORK})

# build(<name> [<change>]... [SONAME <name>])
function(build name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SONAME" "")
    if(NOT arg_SONAME)
        set(arg_SONAME libSampleCore.so.1)
    endif()
    list(TRANSFORM arg_UNPARSED_ARGUMENTS PREPEND -D OUTPUT_VARIABLE changes)
    file(COPY ${CMAKE_CURRENT_LIST_DIR}/library.h DESTINATION ${WORK}/${name}/include)
    execute_process(
        COMMAND ${COMPILER} -std=c++20 -g -O0 -fPIC -fvisibility=hidden -shared -Wl,-soname,${arg_SONAME}
            ${changes} -I${WORK}/${name}/include ${CMAKE_CURRENT_LIST_DIR}/library.cpp
            -o ${WORK}/${name}/libSampleCore.so
        COMMAND_ERROR_IS_FATAL ANY
    )
endfunction()

# expect(<exit code> <old> <new>)
function(expect code old new)
    execute_process(
        COMMAND ${CMAKE_CURRENT_LIST_DIR}/compare ${WORK}/${old} ${WORK}/${new}
        RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output
    )
    if(NOT result STREQUAL "${code}")
        message(SEND_ERROR "compare ${old} ${new}: ${result}, not ${code}\n${output}")
    endif()
    message(STATUS "compare ${old} ${new}: ${result}")
endfunction()

build(base)
expect(0 base base)

foreach(harmless IN ITEMS ADDED_FUNCTION PRIVATE_MEMBER OTHER_TEMPLATES)
    build(${harmless} ${harmless})
    expect(0 base ${harmless})
endforeach()
foreach(harmful IN ITEMS REMOVED_FUNCTION ADDED_VIRTUAL ADDED_MEMBER)
    build(${harmful} ${harmful})
    expect(1 base ${harmful})
    build(${harmful}2 ${harmful} SONAME libSampleCore.so.2)
    expect(0 base ${harmful}2)
endforeach()
# The other way round, the function was removed, and a template of the standard library is gone.
expect(1 ADDED_FUNCTION base)
expect(0 OTHER_TEMPLATES base)
expect(2 base nothing)
