# Build settings and one helper per kind of target.
#
#   forestage_library(NAME HEADERS … SOURCES … PUBLIC … PRIVATE …)   a static library `forestage::NAME`, one per folder
#   forestage_proto_library(NAME PROTOS …)                           C++ generated from .proto files
#   forestage_test(NAME SOURCES … LIBS … [LABELS …])                 a Boost.Test executable, run by ctest
#   forestage_fuzzer(NAME SOURCE … LIBS …)                           a libFuzzer target; elsewhere it replays its corpus as a test
#
# Includes are root-relative ("models/interval.hpp", "messages/demand.pb.h"): the include roots are the repository and the
# build folder. Headers are proven self-contained by the target all_verify_interface_header_sets.

option(FORESTAGE_WERROR "Warnings are errors" OFF)
option(FORESTAGE_COVERAGE "Count lines with gcov" OFF)
set(FORESTAGE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()
# -O1 keeps the sanitized tests quick; -g1 keeps stack traces and halves the objects.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
# -ffp-contract=off: the same sums on every x86-64, whatever the compiler would fuse.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

find_program(FORESTAGE_CCACHE ccache)
if(FORESTAGE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${FORESTAGE_CCACHE}")
endif()

find_package(Threads REQUIRED)

add_library(forestage_settings INTERFACE)
target_include_directories(forestage_settings INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
target_compile_options(forestage_settings INTERFACE -fno-math-errno -fno-trapping-math -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -ffp-contract=off $<$<BOOL:${FORESTAGE_WERROR}>:-Werror>)
if(FORESTAGE_SANITIZE)
  target_compile_options(forestage_settings INTERFACE -fsanitize=${FORESTAGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(forestage_settings INTERFACE -fsanitize=${FORESTAGE_SANITIZE})
endif()
if(FORESTAGE_FUZZ)
  target_compile_options(forestage_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FORESTAGE_COVERAGE)
  target_compile_options(forestage_settings INTERFACE --coverage)
  target_link_options(forestage_settings INTERFACE --coverage)
endif()

function(forestage_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;PUBLIC;PRIVATE")
  set(target "forestage_${name}")
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(forestage::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${arg_HEADERS})
  target_link_libraries(${target} PUBLIC forestage_settings ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

function(forestage_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK
    FORESTAGE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" FORESTAGE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE forestage_settings ${arg_LIBS} Boost::unit_test_framework)
  add_test(NAME ${name} COMMAND ${name} --color_output=no)
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

function(forestage_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE" "LIBS")
  add_executable(${name} ${arg_SOURCE})
  target_link_libraries(${name} PRIVATE forestage_settings ${arg_LIBS})
  if(FORESTAGE_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
    add_test(NAME ${name}_corpus COMMAND ${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(${name}_corpus PROPERTIES LABELS fast)
  endif()
endfunction()
