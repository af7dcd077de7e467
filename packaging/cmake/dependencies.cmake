# What is found on the machine; packaging/install-deps brings it there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# libsodium: the machine's own where it is new enough, else the private prefix that
# packaging/install-deps fills. Linked statically: it goes into executables only (see daemon/crypto).
set(BUD_DEPS_PREFIX ${PROJECT_SOURCE_DIR}/build/deps CACHE PATH "Private prefix with libsodium >= 1.0.22")
pkg_check_modules(SODIUM QUIET libsodium>=1.0.22)
if(NOT SODIUM_FOUND)
  set(ENV{PKG_CONFIG_PATH} "${BUD_DEPS_PREFIX}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  unset(SODIUM_FOUND CACHE)
  pkg_check_modules(SODIUM REQUIRED libsodium>=1.0.22)
endif()
find_library(SODIUM_ARCHIVE NAMES libsodium.a HINTS ${SODIUM_LIBDIR} ${SODIUM_LIBRARY_DIRS} REQUIRED NO_DEFAULT_PATH)
add_library(sodium STATIC IMPORTED GLOBAL)
set_target_properties(sodium PROPERTIES
  IMPORTED_LOCATION ${SODIUM_ARCHIVE}
  INTERFACE_INCLUDE_DIRECTORIES "${SODIUM_INCLUDEDIR}"
  INTERFACE_LINK_LIBRARIES Threads::Threads)

# The same as a shared object, for the checker in Python (tests/vectors/check.py): the private prefix's, or the machine's.
find_file(SODIUM_SHARED NAMES libsodium-shared.so libsodium.so HINTS ${BUD_DEPS_PREFIX}/lib ${SODIUM_LIBDIR} REQUIRED NO_DEFAULT_PATH)

pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET GLOBAL libsystemd>=252)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET GLOBAL sqlite3>=3.40)

find_path(EXPECTED_INCLUDE_DIR tl/expected.hpp REQUIRED)
find_path(RAPIDJSON_INCLUDE_DIR rapidjson/document.h REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
foreach(lib expected rapidjson cli11)
  string(TOUPPER ${lib} upper)
  add_library(bud_${lib} INTERFACE)
  target_include_directories(bud_${lib} SYSTEM INTERFACE ${${upper}_INCLUDE_DIR})
endforeach()
if(BUD_TESTS)
  find_package(GTest REQUIRED)
endif()
