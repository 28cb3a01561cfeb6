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

find_program(TACTUS_XVFB_RUN xvfb-run)
mark_as_advanced(TACTUS_XVFB_RUN)
if(TACTUS_XVFB_RUN)
    add_test(NAME tst_dashboard
        COMMAND ${TACTUS_XVFB_RUN} --auto-servernum "--server-args=-screen 0 1600x1200x24"
            $<TARGET_FILE:tst_dashboard>
    )
    set_tests_properties(tst_dashboard PROPERTIES
        ENVIRONMENT_MODIFICATION "QT_LOGGING_RULES=unset:;QT_QPA_PLATFORM=set:xcb;QT_QUICK_BACKEND=set:software;QML_DISABLE_DISK_CACHE=set:1"
        LABELS "test;qml"
        TIMEOUT 180
    )
else()
    message(STATUS "xvfb-run was not found: ctest does not run tst_dashboard")
endif()
