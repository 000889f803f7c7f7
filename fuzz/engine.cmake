# Which fuzzing engine drives the targets, and what all code of a build owes to it. Read next: CMakeLists.txt here.
# SPDX-License-Identifier: Apache-2.0
#
# Sets RMAPFUZZ_ENGINE:
#   libfuzzer   nothing is given and the compiler has libFuzzer: we choose the instrumentation
#   given       LIB_FUZZING_ENGINE says how to link; instrumentation comes from CXXFLAGS alone, as OSS-Fuzz wants it
#   standalone  LIB_FUZZING_ENGINE=standalone, or a compiler without libFuzzer: standalone.cc replays files
# and RMAPFUZZ_ENGINE_LINK, what a target links for that, to be put behind its objects.
include(CheckCXXSourceCompiles)

set(LIB_FUZZING_ENGINE "$ENV{LIB_FUZZING_ENGINE}" CACHE STRING
    "How to link the fuzzing engine: a flag or an archive; 'standalone'; empty for the compiler's libFuzzer")
option(RMAPFUZZ_STATIC "Link everything but libc statically, as OSS-Fuzz wants it" OFF)
option(RMAPFUZZ_HISTORICAL_TARGETS "Build the fuzz targets of all releases, with their known bugs" ON)

if(RMAPFUZZ_STATIC)
  set(Boost_USE_STATIC_LIBS ON)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

# Fibers make the depth of a stack the distance of two addresses: noise that differs from process to process.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND LIB_FUZZING_ENGINE)
  add_compile_options(-fno-sanitize-coverage=stack-depth)
endif()

# engine_links(RESULT LINK...): does an empty target link with these arguments?
function(engine_links result)
  set(CMAKE_REQUIRED_LIBRARIES ${ARGN})
  set(CMAKE_REQUIRED_QUIET ON)
  string(MD5 key "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_FLAGS} ${ARGN}") # CMake keeps answers: one for each question.
  check_cxx_source_compiles("
    #include <cstddef>
    extern \"C\" int LLVMFuzzerTestOneInput(const unsigned char*, std::size_t) { return 0; }" RMAPFUZZ_LINKS_${key})
  set(${result} ${RMAPFUZZ_LINKS_${key}} PARENT_SCOPE)
endfunction()

separate_arguments(given UNIX_COMMAND "${LIB_FUZZING_ENGINE}")
if(given STREQUAL "standalone")
  set(RMAPFUZZ_ENGINE standalone)
elseif(given)
  set(RMAPFUZZ_ENGINE given)
  set(RMAPFUZZ_ENGINE_LINK ${given})
else()
  set(RMAPFUZZ_ENGINE libfuzzer)
  set(RMAPFUZZ_ENGINE_LINK -fsanitize=fuzzer)
endif()

# Debian's libFuzzer is itself made for libstdc++, and needs it beside libc++. (-Wl, because clang would take -lstdc++
# for the library that -stdlib names. Both bring a run time for exceptions: that of the first, libc++, is taken.)
if(NOT RMAPFUZZ_ENGINE STREQUAL "standalone")
  engine_links(links ${RMAPFUZZ_ENGINE_LINK})
  if(NOT links)
    set(libstdcxx -Wl,-lstdc++)
    if(RMAPFUZZ_STATIC)
      set(libstdcxx -Wl,-Bstatic,-lstdc++,-Bdynamic,--allow-multiple-definition)
    endif()
    engine_links(links_with_libstdcxx ${RMAPFUZZ_ENGINE_LINK} ${libstdcxx})
    if(links_with_libstdcxx)
      list(APPEND RMAPFUZZ_ENGINE_LINK ${libstdcxx})
    elseif(RMAPFUZZ_ENGINE STREQUAL "libfuzzer")
      message(STATUS "Fuzz targets only replay files: ${CMAKE_CXX_COMPILER} links no libFuzzer; CXX=clang++ has it")
      set(RMAPFUZZ_ENGINE standalone)
      set(RMAPFUZZ_ENGINE_LINK "")
    endif() # Else the engine may want more than an empty target has: the linker will say what.
  endif()
endif()
