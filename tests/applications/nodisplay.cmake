# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -DCOMMAND=<list> -P nodisplay.cmake
#
# Without a display, a program that opens a window says so, and ends with 1.

foreach(variable DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM)
    unset(ENV{${variable}})
endforeach()
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 1 OR NOT output MATCHES "display.*neither DISPLAY nor[ \n]WAYLAND_DISPLAY is set")
    message(FATAL_ERROR "ended with ${result}, and said:\n${output}")
endif()
