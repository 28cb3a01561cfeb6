# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# cmake -DBUILD=<build folder> -DWORK=<scratch folder> -DQML_DIR=<below the prefix> [-DCONFIG=<type>]
#       [-DQMLLINT=<program>] [-DMAKE_PROGRAM=<program>] -P installed.cmake
#
# Installs Tactus, moves the installation elsewhere, and builds and runs a program that finds it there.

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0 OR output MATCHES "Warning:")
        string(REPLACE ";" " " command "${ARGN}")
        message(FATAL_ERROR "${command}\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first --config "${CONFIG}")
file(RENAME ${WORK}/first ${WORK}/installed)

set(arguments)
if(MAKE_PROGRAM)
    list(APPEND arguments -DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM})
endif()
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/build
    -DCMAKE_PREFIX_PATH=${WORK}/installed -DCMAKE_BUILD_TYPE=${CONFIG}
    -DCMAKE_CXX_COMPILER=${COMPILER} ${arguments})
run(${CMAKE_COMMAND} --build ${WORK}/build)

set(import_dir ${WORK}/installed/${QML_DIR})
set(main ${CMAKE_CURRENT_LIST_DIR}/consumer/main.qml)
run(${WORK}/build/consumer ${import_dir} ${main})
if(QMLLINT)
    run(${QMLLINT} -I ${import_dir} ${main})
endif()
