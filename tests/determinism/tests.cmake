# The determinism checks as tests: those of README.md, each a script. Included by tests/CMakeLists.txt.
# SPDX-License-Identifier: Apache-2.0
find_program(CLANGXX clang++)
if(NOT CLANGXX)
  return()
endif()
set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/determinism)
set(work ${CMAKE_BINARY_DIR}/determinism)
file(GLOB seeds CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/corpus/rmap_fuzzer/*)

add_test(NAME determinism.compilers COMMAND ${scripts}/check.sh ${CMAKE_SOURCE_DIR} ${work}/quick quick)
set_tests_properties(determinism.compilers PROPERTIES LABELS determinism TIMEOUT 1200 PROCESSORS 2)

if(TARGET rmap_fuzzer)
  add_test(NAME determinism.features COMMAND ${scripts}/features_test.sh $<TARGET_FILE:rmap_fuzzer> ${work}/features
                                             ${seeds})
  set_tests_properties(determinism.features PROPERTIES LABELS determinism TIMEOUT 600)
endif()

if(RMAPFUZZ_ALL_TESTS)
  add_test(NAME determinism.matrix COMMAND ${scripts}/check.sh ${CMAKE_SOURCE_DIR} ${work}/all all)
  add_test(NAME determinism.features_canary COMMAND ${scripts}/features_test.sh --canary ${CMAKE_SOURCE_DIR}
                                                    ${work}/features-canary)
  set(long determinism.matrix determinism.features_canary)
  foreach(sanitizer memory thread address)
    add_test(NAME determinism.${sanitizer} COMMAND ${scripts}/sanitizers.sh ${CMAKE_SOURCE_DIR} ${work}/sanitizers
                                                   ${sanitizer})
    list(APPEND long determinism.${sanitizer})
  endforeach()
  set_tests_properties(${long} PROPERTIES LABELS "determinism;long" TIMEOUT 7200 PROCESSORS 2)
endif()
