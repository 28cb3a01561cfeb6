# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# For builds that do not use CMake: pkg-config --cflags --libs TactusCore

# The prefix is found from where the file lies, so that the installation can be moved, unless it
# was configured with absolute folders.
set(TACTUS_PKGCONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(TACTUS_PKGCONFIG_PREFIX "${CMAKE_INSTALL_PREFIX}")
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    file(RELATIVE_PATH _tactus_way_to_prefix "/prefix/${TACTUS_PKGCONFIG_DIR}" "/prefix")
    string(REGEX REPLACE "/$" "" _tactus_way_to_prefix "${_tactus_way_to_prefix}")
    set(TACTUS_PKGCONFIG_PREFIX "\${pcfiledir}/${_tactus_way_to_prefix}")
endif()
cmake_path(APPEND TACTUS_PKGCONFIG_LIBDIR "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
cmake_path(APPEND TACTUS_PKGCONFIG_INCLUDEDIR "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")

set(TACTUS_PKGCONFIG_DEFINES "")
if(NOT BUILD_SHARED_LIBS)
    set(TACTUS_PKGCONFIG_DEFINES " -DTACTUS_STATIC_DEFINE")
endif()

configure_file(
    ${CMAKE_CURRENT_LIST_DIR}/TactusCore.pc.in
    ${PROJECT_BINARY_DIR}/TactusCore.pc
    @ONLY
)
install(FILES ${PROJECT_BINARY_DIR}/TactusCore.pc
    DESTINATION ${TACTUS_PKGCONFIG_DIR}
    COMPONENT Development
)
