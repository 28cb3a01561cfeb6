# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Components, for those who package Tactus: Runtime, QmlModule and Development, and License.

include(CMakePackageConfigHelpers)

set(TACTUS_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/Tactus"
    CACHE STRING "Where the CMake package goes, below the prefix")

install(TARGETS TactusCore
    EXPORT TactusCoreTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        COMPONENT Runtime
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT Runtime
        NAMELINK_COMPONENT Development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT Development
)
install(EXPORT TactusCoreTargets
    NAMESPACE Tactus::
    DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
    COMPONENT Development
)

if(TACTUS_BUILD_QML)
    include(TactusInstallQml)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/Tactus
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT Development
)
install(FILES ${PROJECT_BINARY_DIR}/include/Tactus/tactus_export.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/Tactus
    COMPONENT Development
)

set(TACTUS_COMPONENTS Core)
set(path_variables)
if(TACTUS_BUILD_QML)
    list(APPEND TACTUS_COMPONENTS Qml)
    list(APPEND path_variables TACTUS_INSTALL_QMLDIR)
endif()
configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/TactusConfig.cmake.in
    ${PROJECT_BINARY_DIR}/TactusConfig.cmake
    INSTALL_DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
    PATH_VARS ${path_variables}
)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TactusConfigVersion.cmake
    VERSION ${TACTUS_INTERFACE_VERSION}
    COMPATIBILITY SameMinorVersion
)
install(
    FILES
        ${PROJECT_BINARY_DIR}/TactusConfig.cmake
        ${PROJECT_BINARY_DIR}/TactusConfigVersion.cmake
    DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
    COMPONENT Development
)

include(TactusPkgConfig)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSES/MIT.txt
    DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/tactus
    COMPONENT License
)
