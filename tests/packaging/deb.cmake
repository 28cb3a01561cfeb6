# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D PACKAGES=<folder> -D WORK=<scratch folder> -D GENERATOR=<name> -D LIBDIR=<lib>
#       -P deb.cmake
#
# Installs the Debian packages of a folder, builds and runs programs with them, and removes them. The
# packages go below WORK/root, never to this system, whose own packages the dpkg there believes to have:
# so it checks the dependencies as if this were for real.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

set(root ${WORK}/root)
set(names libtactus[0-9]*.[0-9]* libtactus-dev qml6-module-tactus)
set(packages)
foreach(name IN LISTS names)
    file(GLOB package ${PACKAGES}/${name}_*.deb)
    list(LENGTH package count)
    if(NOT count EQUAL 1)
        message(FATAL_ERROR "not one package ${name} in ${PACKAGES}, but: ${package}")
    endif()
    list(APPEND packages ${package})
endforeach()
list(GET packages 0 library)

# Without Qt QML, who only needs the core.
run(dpkg-deb --field ${library} Depends)
if(NOT output MATCHES "libqt6core6" OR output MATCHES "qml")
    message(FATAL_ERROR "${library} depends on: ${output}")
endif()

file(REMOVE_RECURSE ${WORK})
set(database ${root}/var/lib/dpkg)
file(MAKE_DIRECTORY ${database}/info ${database}/updates ${database}/triggers)
file(COPY /var/lib/dpkg/status DESTINATION ${database})
file(GLOB lists RELATIVE /var/lib/dpkg/info /var/lib/dpkg/info/*.list)
foreach(list IN LISTS lists)
    file(TOUCH ${database}/info/${list}) # that they have no files there is true
endforeach()
# The scripts of packages run outside of the root, and have nothing to do there.
file(WRITE ${WORK}/bin/ldconfig "#!/bin/sh\n")
file(CHMOD ${WORK}/bin/ldconfig PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(dpkg ${CMAKE_COMMAND} -E env PATH=${WORK}/bin:$ENV{PATH})
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT user EQUAL 0)
    find_program(FAKEROOT fakeroot)
    if(NOT FAKEROOT)
        message(FATAL_ERROR "packages are installed by root, or with fakeroot, which was not found")
    endif()
    list(APPEND dpkg ${FAKEROOT})
endif()
list(APPEND dpkg dpkg --root=${root} --force-script-chrootless)

file(GLOB_RECURSE before LIST_DIRECTORIES TRUE ${root}/usr/* ${root}/etc/* ${root}/opt/*)
run(${dpkg} --install ${packages})

set(ENV{LD_LIBRARY_PATH} ${root}/usr/${LIBDIR})
file(WRITE ${WORK}/settings.cmake "set(CMAKE_BUILD_TYPE Release CACHE STRING \"\")\n")
run(${CMAKE_COMMAND} -D WAY=find_package -D TACTUS=${root}/usr -D WORK=${WORK}/consumer
    -D SETTINGS=${WORK}/settings.cmake -D GENERATOR=${GENERATOR} -D QMLLINT=ON
    -P ${CMAKE_CURRENT_LIST_DIR}/consume.cmake)
run(${CMAKE_COMMAND} -D PREFIX=${root}/usr -D WORK=${WORK}/pkg-config -D COMPILER=c++
    -D PKG_CONFIG=pkg-config -D LIBDIR=${LIBDIR} -D SHARED=ON
    -P ${CMAKE_CURRENT_LIST_DIR}/pkgconfig.cmake)
unset(ENV{LD_LIBRARY_PATH})

foreach(package IN LISTS packages)
    run(dpkg-deb --field ${package} Package)
    string(STRIP "${output}" name)
    list(PREPEND installed ${name})
endforeach()
run(${dpkg} --purge ${installed})
file(GLOB_RECURSE after LIST_DIRECTORIES TRUE ${root}/usr/* ${root}/etc/* ${root}/opt/*)
if(NOT after STREQUAL before)
    message(FATAL_ERROR "left behind: ${after}")
endif()
