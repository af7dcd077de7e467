# Warnings, hardening and sanitizers: one interface target that everything of ours links.
add_library(bud_options INTERFACE)
target_compile_options(bud_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  -Wno-missing-field-initializers
  $<$<BOOL:${BUD_WERROR}>:-Werror>
  -fstack-protector-strong)
# GCC 12's and 14's flow warnings see ghosts inside libstdc++'s and tl::expected's inlined destructors.
target_compile_options(bud_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict -Wno-dangling-reference>
)
if(BUD_ASAN)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(bud_options INTERFACE ${sanitize})
  target_link_options(bud_options INTERFACE ${sanitize})
endif()
if(BUD_TSAN)
  target_compile_options(bud_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(bud_options INTERFACE -fsanitize=thread)
endif()
if(BUD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "BUD_FUZZ needs clang: use the preset 'fuzz'")
  endif()
  # Edges for libFuzzer, lines for the report of what a corpus covers (tests/fuzz/run.py says where a profile goes).
  set(sanitize -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
               -fprofile-instr-generate=/dev/null -fcoverage-mapping
               -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/ignored.txt)
  target_compile_options(bud_options INTERFACE ${sanitize})
  target_link_options(bud_options INTERFACE ${sanitize})
endif()

if(CMAKE_BUILD_TYPE MATCHES "Rel")
  target_compile_definitions(bud_options INTERFACE _FORTIFY_SOURCE=2)
endif()
# In every build: a function that is resolved at its first call leaves all vector registers on the stack, and with them
# what was copied last (daemon/crypto/secret.h).
target_link_options(bud_options INTERFACE -Wl,-z,relro,-z,now)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# bud_library(NAME SOURCES… [LINK …]): a static library of the house. Its headers are included
# as "folder/file.h", from the top-level folder (daemon, dbus, …) that calls this.
function(bud_library name)
  cmake_parse_arguments(ARG "" "ROOT" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(NOT ARG_ROOT)
    set(ARG_ROOT ${PROJECT_SOURCE_DIR}/daemon)
  endif()
  target_include_directories(${name} PUBLIC ${ARG_ROOT})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE bud_options)
endfunction()
