# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# The QML module: the library with the others, the plugin and its description where Qt looks for
# modules.

set(_tactus_module_dir "${TACTUS_INSTALL_QMLDIR}/Tactus")
get_target_property(_tactus_built_module_dir TactusQml QT_QML_MODULE_OUTPUT_DIRECTORY)

# Qt would have the plugin look for its library where that lies in Qt's own folders, and what is in
# the plugin's path does not hold for what its library needs.
if(NOT CMAKE_SKIP_INSTALL_RPATH AND UNIX)
    file(RELATIVE_PATH _tactus_way_to_libraries
        "/prefix/${_tactus_module_dir}" "/prefix/${CMAKE_INSTALL_LIBDIR}")
    if(APPLE)
        set(_tactus_origin "@loader_path")
    else()
        set(_tactus_origin "$ORIGIN")
    endif()
    set_target_properties(TactusQml PROPERTIES INSTALL_RPATH "${_tactus_origin}")
    set_target_properties(TactusQmlplugin PROPERTIES
        INSTALL_RPATH "${_tactus_origin}/${_tactus_way_to_libraries}")
endif()

# A static module brings objects along: resources, and what initializes the plugin.
get_target_property(_tactus_objects TactusQml TACTUS_OBJECT_TARGETS)
if(NOT _tactus_objects)
    set(_tactus_objects)
endif()
install(TARGETS TactusQml ${_tactus_objects}
    EXPORT TactusQmlTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        COMPONENT QmlModule
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT QmlModule
        NAMELINK_COMPONENT Development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT Development
    OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT Development
)
install(TARGETS TactusQmlplugin
    EXPORT TactusQmlTargets
    RUNTIME DESTINATION ${_tactus_module_dir}
        COMPONENT QmlModule
    LIBRARY DESTINATION ${_tactus_module_dir}
        COMPONENT QmlModule
    ARCHIVE DESTINATION ${_tactus_module_dir}
        COMPONENT Development
)
install(EXPORT TactusQmlTargets
    NAMESPACE Tactus::
    DESTINATION ${TACTUS_INSTALL_CMAKEDIR}
    COMPONENT Development
)

install(
    FILES
        ${_tactus_built_module_dir}/qmldir
        ${_tactus_built_module_dir}/TactusQml.qmltypes
    DESTINATION ${_tactus_module_dir}
    COMPONENT QmlModule
)

# What tools for QML know of the classes in the core.
get_target_property(_tactus_metatypes TactusCore INTERFACE_QT_META_TYPES_BUILD_FILE)
install(FILES ${_tactus_metatypes}
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/metatypes
    RENAME tactuscore_metatypes.json
    COMPONENT Development
)
