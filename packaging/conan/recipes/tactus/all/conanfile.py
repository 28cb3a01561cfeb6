# SPDX-FileCopyrightText: 2026 The Tactus Authors
# SPDX-License-Identifier: MIT

import os

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, get, rmdir

required_conan_version = ">=2.0"


class TactusConan(ConanFile):
    name = "tactus"
    description = "Drift-free timers and serial rate limiters for Qt"
    license = "MIT"
    url = "https://github.com/conan-io/conan-center-index"
    topics = ("qt", "timer", "rate-limiter", "qml")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "qml": [True, False]}
    default_options = {"shared": False, "fPIC": True, "qml": False}
    implements = ["auto_shared_fpic"]

    def configure(self):
        if self.options.qml:
            self.options["qt"].qtdeclarative = True

    def layout(self):
        cmake_layout(self, src_folder="src")

    def requirements(self):
        self.requires("qt/[>=6.4 <7]", transitive_headers=True, transitive_libs=True)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.22]")
        self.tool_requires("qt/<host_version>")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.options.qml and not self.options.shared:
            # A static module has object files beside the library, which package_info() cannot describe.
            raise ConanInvalidConfiguration("the option qml needs shared=True")

    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["TACTUS_BUILD_QML"] = bool(self.options.qml)
        toolchain.cache_variables["TACTUS_BUILD_TESTS"] = False
        toolchain.cache_variables["TACTUS_BUILD_EXAMPLES"] = False
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "MIT.txt", os.path.join(self.source_folder, "LICENSES"),
             os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "Tactus")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "Tactus::Core")
        core.set_property("pkg_config_name", "TactusCore")
        core.libs = ["TactusCore"]
        core.requires = ["qt::qtCore"]
        if not self.options.shared:
            core.defines = ["TACTUS_STATIC_DEFINE"]
        if self.options.qml:
            qml = self.cpp_info.components["qml"]
            qml.set_property("cmake_target_name", "Tactus::Qml")
            qml.libs = ["TactusQml"]
            qml.requires = ["core", "qt::qtQml"]
            self.runenv_info.append_path(
                "QML_IMPORT_PATH", os.path.join(self.package_folder, "lib", "qt6", "qml"))
