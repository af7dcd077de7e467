include(GoogleTest)
# bud_test(NAME LABEL unit|vectors|integration|… SOURCES … LINK …): a GoogleTest program, one ctest entry for each test.
# Several labels may be given.
function(bud_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABEL;SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE BUD_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BUD_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} bud_options GTest::gtest GTest::gmock GTest::gtest_main)
  list(GET ARG_LABEL 0 first)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${first} TIMEOUT ${ARG_TIMEOUT}
    TEST_LIST ${name}_tests)
  # gtest_discover_tests takes no list for a property: several labels are set by a script that ctest reads after its own.
  if(ARG_LABEL MATCHES ";")
    set(script ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
    file(WRITE ${script}
      "foreach(test IN LISTS ${name}_tests)\n  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${ARG_LABEL}\")\nendforeach()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
  endif()
endfunction()
