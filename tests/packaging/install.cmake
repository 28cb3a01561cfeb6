# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D WORK=<scratch folder> -D SETTINGS=<file> -D GENERATOR=<name>
#       -D CONFIG=<type> -D LIBDIR=<lib> (-D BUILD=<build folder> | -D SOURCE=<folder> -D SHARED=<bool>)
#       -P install.cmake
#
# Installs Tactus, from a build folder or built here, and moves the installation to WORK/prefix.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK})
if(NOT BUILD)
    set(BUILD ${WORK}/build)
    run(${CMAKE_COMMAND} -G ${GENERATOR} -C ${SETTINGS} -S ${SOURCE} -B ${BUILD}
        -D BUILD_SHARED_LIBS=${SHARED} -D TACTUS_BUILD_TESTS=OFF -D TACTUS_BUILD_EXAMPLES=OFF
        -D CMAKE_INSTALL_LIBDIR=${LIBDIR})
    run(${CMAKE_COMMAND} --build ${BUILD})
endif()
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first --config "${CONFIG}")
file(RENAME ${WORK}/first ${WORK}/prefix)

# Nothing in it remembers where it was made.
file(GLOB_RECURSE files
    ${WORK}/prefix/*.cmake ${WORK}/prefix/*.json ${WORK}/prefix/*.pc ${WORK}/prefix/*.prl
    ${WORK}/prefix/*.qmltypes ${WORK}/prefix/*qmldir)
if(NOT files)
    message(FATAL_ERROR "nothing was installed to ${WORK}/prefix")
endif()
foreach(file IN LISTS files)
    file(READ ${file} text)
    foreach(folder IN ITEMS ${BUILD} ${WORK}/first)
        string(FIND "${text}" "${folder}" found)
        if(NOT found EQUAL -1)
            message(FATAL_ERROR "${file} mentions ${folder}")
        endif()
    endforeach()
endforeach()
