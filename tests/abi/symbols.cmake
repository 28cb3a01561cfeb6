# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D NM=<program> -D HEADERS=<folder> -D LIBRARIES=<file>;... -P symbols.cmake
#
# A library exports the public classes, and nothing else that another library could collide with.
# Weak symbols of Qt's and the standard library's templates are everybody's.

set(classes)
file(GLOB headers ${HEADERS}/Tactus/*.h)
foreach(header IN LISTS headers)
    file(STRINGS ${header} lines REGEX "^(class|struct) TACTUS_EXPORT ")
    list(TRANSFORM lines REPLACE "^(class|struct) TACTUS_EXPORT ([A-Za-z]+).*" "\\2")
    list(APPEND classes ${lines})
endforeach()
list(JOIN classes "|" classes)

set(allowed
    "((vtable|typeinfo|typeinfo name) for )?Tactus::(Detail::)?(${classes})(::.*)?"
    "(non-virtual|virtual) thunk to Tactus::(${classes})::.*"
    # Of a QML module, and of a plugin.
    "qml_register_types_Tactus\\(\\)"
    "qt_plugin_(instance|query_metadata_v2)"
)
list(JOIN allowed "|" allowed)

foreach(library IN LISTS LIBRARIES)
    execute_process(
        COMMAND ${NM} --dynamic --defined-only --demangle ${library}
        OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY
    )
    string(REPLACE ";" "," symbols "${symbols}")
    string(REGEX REPLACE "\n$" "" symbols "${symbols}")
    string(REPLACE "\n" ";" symbols "${symbols}")
    set(count 0)
    foreach(symbol IN LISTS symbols)
        if(NOT symbol MATCHES "^[0-9a-f]+ (.) (.*)$")
            message(FATAL_ERROR "${NM} says: ${symbol}")
        endif()
        set(kind ${CMAKE_MATCH_1})
        set(name "${CMAKE_MATCH_2}")
        if(name MATCHES "^(${allowed})$")
            math(EXPR count "${count} + 1")
            message(STATUS "${kind} ${name}")
        elseif(NOT kind MATCHES "[VWu]" OR name MATCHES "^[^(<]*Tactus::")
            message(SEND_ERROR "${library} exports ${kind} ${name}")
        endif()
    endforeach()
    if(count EQUAL 0)
        message(SEND_ERROR "${library} exports nothing")
    endif()
endforeach()
