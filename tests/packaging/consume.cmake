# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -D WAY=<way> -D TACTUS=<folder> -D WORK=<scratch folder> -D SETTINGS=<file> -D GENERATOR=<name>
#       [-D QMLLINT=<bool>] [-D ARGUMENTS=<arguments>] -P consume.cmake
#
# Configures, builds, lints and runs the programs in the folder consumer. TACTUS is what its way
# needs: the prefix of an installation, or the folder with the sources.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK})
if(WAY STREQUAL "find_package")
    set(ENV{CMAKE_PREFIX_PATH} ${TACTUS})
    if(CMAKE_HOST_WIN32)
        set(ENV{PATH} "${TACTUS}/bin;$ENV{PATH}")
    endif()
elseif(WAY STREQUAL "FetchContent")
    # A repository of what is in the folder now, committed or not.
    set(repository ${WORK}/tactus.git)
    set(git git -c user.name=Test -c user.email=test@localhost -c commit.gpgSign=false
        --git-dir=${repository} --work-tree=${TACTUS})
    run(git init --quiet --bare --initial-branch=main ${repository})
    run(${git} add --all)
    run(${git} commit --quiet --message=Snapshot)
    list(APPEND ARGUMENTS -DTACTUS=file://${repository})
else()
    list(APPEND ARGUMENTS -DTACTUS=${TACTUS})
endif()

run(${CMAKE_COMMAND} -G ${GENERATOR} -C ${SETTINGS}
    -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/build
    -D WAY=${WAY} -D CMAKE_RUNTIME_OUTPUT_DIRECTORY=${WORK}/programs ${ARGUMENTS})
run(${CMAKE_COMMAND} --build ${WORK}/build)
if(QMLLINT)
    run(${CMAKE_COMMAND} --build ${WORK}/build --target qml-consumer_qmllint)
endif()
run_consumer(${WORK}/programs/core-consumer)
run_consumer(${WORK}/programs/qml-consumer)
