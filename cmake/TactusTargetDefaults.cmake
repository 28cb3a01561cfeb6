# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

# What every target of this project has in common: the library, the tests, the examples.
function(tactus_target_defaults target)
    set_target_properties(${target} PROPERTIES
        AUTOMOC ON
        CXX_EXTENSIONS OFF
    )
    tactus_target_warnings(${target})
    tactus_target_strict_qt(${target})
    tactus_target_instrumentation(${target})

    # Only programs: they come first when symbols are looked up.
    get_target_property(type ${target} TYPE)
    if(TARGET TactusQtSynchronization AND type STREQUAL "EXECUTABLE")
        target_link_libraries(${target} PRIVATE TactusQtSynchronization)
    endif()
endfunction()
