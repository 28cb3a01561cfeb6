# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Included from examples/09-dashboard, so that there is a test where there is a dashboard. It gets a
# display of its own.

find_package(Qt6 ${TACTUS_QT_VERSION} REQUIRED COMPONENTS Test)

add_executable(tst_dashboard ${CMAKE_CURRENT_LIST_DIR}/tst_dashboard.cpp)
target_link_libraries(tst_dashboard PRIVATE DashboardWindow Qt6::Test)
tactus_target_defaults(tst_dashboard)
set_target_properties(tst_dashboard PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests
)

find_program(TACTUS_XVFB Xvfb)
mark_as_advanced(TACTUS_XVFB)
if(TACTUS_SANITIZE STREQUAL "thread")
    message(STATUS "tst_dashboard is not run: the threads of the window system's libraries are not instrumented")
elseif(TACTUS_XVFB)
    add_test(NAME tst_dashboard
        COMMAND ${CMAKE_CURRENT_LIST_DIR}/with-xserver $<TARGET_FILE:tst_dashboard>
    )
    # Without strict_string_checks: libxkbcommon-x11 copies strings, by length, out of messages that
    # do not end in NUL.
    set(environment
        "ASAN_OPTIONS=set:detect_stack_use_after_return=1"
        "LSAN_OPTIONS=set:suppressions='${CMAKE_CURRENT_LIST_DIR}/lsan.supp':print_suppressions=0"
        "QML_DISABLE_DISK_CACHE=set:1"
        "QT_LOGGING_RULES=unset:"
        "QT_SCALE_FACTOR=unset:"
        "QT_QUICK_BACKEND=set:software"
    )
    set_tests_properties(tst_dashboard PROPERTIES
        ENVIRONMENT_MODIFICATION "${environment}"
        LABELS "test;qml"
        TIMEOUT 180
    )
else()
    message(STATUS "Xvfb was not found: ctest does not run tst_dashboard")
endif()

# Without a display it explains itself.
if(UNIX AND NOT APPLE)
    add_test(NAME dashboard.nodisplay
        COMMAND ${CMAKE_COMMAND} "-DCOMMAND=$<TARGET_FILE:tactus-dashboard>"
            -P ${CMAKE_CURRENT_LIST_DIR}/nodisplay.cmake
    )
    add_test(NAME demo.nodisplay
        COMMAND ${CMAKE_COMMAND} "-DCOMMAND=${PROJECT_SOURCE_DIR}/dev;demo;--gui"
            -P ${CMAKE_CURRENT_LIST_DIR}/nodisplay.cmake
    )
    set_tests_properties(dashboard.nodisplay demo.nodisplay PROPERTIES LABELS "test;qml" TIMEOUT 30)
endif()
