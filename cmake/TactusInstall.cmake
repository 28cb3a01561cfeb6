# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

include(CMakePackageConfigHelpers)

set(TACTUS_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/Tactus"
    CACHE STRING "Where the CMake package goes, below the prefix")

install(TARGETS TactusCore
    EXPORT TactusCoreTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
)
install(EXPORT TactusCoreTargets
    NAMESPACE Tactus::
    DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
)

if(TACTUS_BUILD_QML)
    include(TactusInstallQml)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/Tactus
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
)
install(FILES ${PROJECT_BINARY_DIR}/include/Tactus/tactus_export.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/Tactus
)

set(TACTUS_COMPONENTS Core)
if(TACTUS_BUILD_QML)
    list(APPEND TACTUS_COMPONENTS Qml)
endif()
configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/TactusConfig.cmake.in
    ${PROJECT_BINARY_DIR}/TactusConfig.cmake
    INSTALL_DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
    PATH_VARS TACTUS_INSTALL_CMAKEDIR
)
# Until 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TactusConfigVersion.cmake
    COMPATIBILITY SameMinorVersion
)
install(
    FILES
        ${PROJECT_BINARY_DIR}/TactusConfig.cmake
        ${PROJECT_BINARY_DIR}/TactusConfigVersion.cmake
    DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSES/MIT.txt
    DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/tactus
)
