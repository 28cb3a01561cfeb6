# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# Debian packages, by CPack: for the preset "package" and ./dev package. They are what Debian's own
# would be: its folders, no RPATH, dependencies as dpkg-shlibdeps finds them.

find_program(TACTUS_DPKG dpkg)
mark_as_advanced(TACTUS_DPKG)
if(NOT TACTUS_DPKG OR NOT TACTUS_BUILD_QML OR NOT BUILD_SHARED_LIBS)
    message(FATAL_ERROR "TACTUS_DEBIAN_PACKAGES needs dpkg, and a shared build with the QML module")
endif()

set(TACTUS_CONTACT "The Tactus Authors <tactus@example.org>" CACHE STRING "The maintainer of the packages")
set(release 1)
set(debian_version ${PROJECT_VERSION}-${release})
set(folder ${PROJECT_BINARY_DIR}/debian)
set(library_package libtactus${TACTUS_SOVERSION})
set(module_package qml6-module-tactus)
set(about "Tactus is a Qt module with a repeating timer that does not drift, never
overlaps itself and waits for asynchronous callbacks, and with a limiter that
runs tasks one at a time and never completes more of them in any period than
is allowed. Both can be tested on virtual time.")

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${folder}/changelog.Debian
    "tactus (${debian_version}) unstable; urgency=medium\n\n"
    "  * Built from the sources by CPack; their CHANGELOG.md says what is new.\n\n"
    " -- ${TACTUS_CONTACT}  ${date}\n"
)
execute_process(COMMAND gzip --best --no-name --force ${folder}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)

# tactus_debian_package(<component> <package> <section> <summary> [LIBRARY <target>] [DEPENDS <dependency>...])
macro(tactus_debian_package component package section summary)
    cmake_parse_arguments(arg "" "LIBRARY" "DEPENDS" ${ARGN})
    string(TOUPPER CPACK_DEBIAN_${component} prefix)
    list(JOIN arg_DEPENDS ", " depends)
    set(${prefix}_PACKAGE_NAME ${package})
    set(${prefix}_PACKAGE_SECTION ${section})
    set(${prefix}_PACKAGE_DEPENDS "${depends}")
    set(${prefix}_DESCRIPTION "drift-free timers and serial rate limiters for Qt 6 - ${summary}\n${about}")

    set(documentation DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
    install(FILES ${folder}/changelog.Debian.gz ${documentation})
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSES/MIT.txt ${documentation} RENAME copyright)

    if(arg_LIBRARY)
        file(WRITE ${folder}/${component}/triggers "activate-noawait ldconfig\n")
        file(WRITE ${folder}/${component}/shlibs
            "lib${arg_LIBRARY} ${TACTUS_SOVERSION} ${package} (>= ${debian_version})\n")
        set(${prefix}_PACKAGE_CONTROL_EXTRA ${folder}/${component}/triggers ${folder}/${component}/shlibs)
        set(${prefix}_PACKAGE_SHLIBDEPS ON)
    endif()
endmacro()

tactus_debian_package(Runtime ${library_package} libs "library"
    LIBRARY TactusCore)
tactus_debian_package(QmlModule ${module_package} libs "QML module"
    LIBRARY TactusQml
    DEPENDS "${library_package} (= ${debian_version})")
tactus_debian_package(Development libtactus-dev libdevel "development files"
    DEPENDS
        "${library_package} (= ${debian_version})"
        "${module_package} (= ${debian_version})"
        "qt6-base-dev (>= ${TACTUS_QT_VERSION})")
# Needed by the component Qml only.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "qt6-declarative-dev (>= ${TACTUS_QT_VERSION})")
# Where dpkg-shlibdeps finds what no installed package has.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src ${PROJECT_BINARY_DIR}/qml)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tactus)
set(CPACK_PACKAGE_CONTACT "${TACTUS_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Runtime QmlModule Development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${release})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

enable_testing()
add_test(NAME packaging.deb
    COMMAND ${CMAKE_COMMAND}
        -D PACKAGES=${PROJECT_BINARY_DIR}
        -D WORK=${PROJECT_BINARY_DIR}/tried
        -D GENERATOR=${CMAKE_GENERATOR}
        -D LIBDIR=${CMAKE_INSTALL_LIBDIR}
        -P ${PROJECT_SOURCE_DIR}/tests/packaging/deb.cmake
)
