# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Warnings and Qt's strict defines: both private, nothing here reaches a user of the library.

# Off by default, so that a newer compiler with a new warning does not break anybody's build; the
# presets for development turn it on.
option(TACTUS_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)

function(tactus_target_warnings target)
    if(MSVC)
        target_compile_options(${target} PRIVATE /W4 /permissive-)
        if(TACTUS_WARNINGS_AS_ERRORS)
            target_compile_options(${target} PRIVATE /WX)
        endif()
    else()
        target_compile_options(${target} PRIVATE
            -Wall
            -Wextra
            -Wpedantic
            -Wcast-align
            -Wconversion
            -Wextra-semi
            -Wformat=2
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Woverloaded-virtual
            -Wshadow
            -Wsign-conversion
            -Wsuggest-override
            -Wundef
            -Wzero-as-null-pointer-constant
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
        )
        # QTRY_* shortens a number, in what counts as our code. Seen with Qt 6.8; it is gone in 6.11.
        if(Qt6_VERSION VERSION_GREATER_EQUAL 6.7 AND Qt6_VERSION VERSION_LESS 6.11)
            target_compile_options(${target} PRIVATE
                $<$<IN_LIST:Qt6::Test,$<TARGET_PROPERTY:LINK_LIBRARIES>>:-Wno-conversion>
            )
        endif()
        if(TACTUS_WARNINGS_AS_ERRORS)
            target_compile_options(${target} PRIVATE -Werror)
        endif()
    endif()
endfunction()

function(tactus_target_strict_qt target)
    target_compile_definitions(${target} PRIVATE
        QT_DISABLE_DEPRECATED_BEFORE=0x060400
        QT_NO_CAST_FROM_ASCII
        QT_NO_CAST_FROM_BYTEARRAY
        QT_NO_CAST_TO_ASCII
        QT_NO_FOREACH
        QT_NO_JAVA_STYLE_ITERATORS
        QT_NO_KEYWORDS
        QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
        QT_NO_URL_CAST_FROM_STRING
        QT_STRICT_ITERATORS
    )
endfunction()
