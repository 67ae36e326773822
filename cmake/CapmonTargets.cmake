# SPDX-License-Identifier: Apache-2.0
# How every capmon target is built: warnings, sanitizers, includes from the repository root.

add_library(capmon_flags INTERFACE)
target_include_directories(capmon_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(capmon_flags INTERFACE -Wall -Wextra -Wshadow -Werror)
target_compile_definitions(capmon_flags INTERFACE CAPMON_VERSION="${PROJECT_VERSION}")
if(CAPMON_SANITIZE)
  target_compile_options(capmon_flags INTERFACE -fsanitize=${CAPMON_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(capmon_flags INTERFACE -fsanitize=${CAPMON_SANITIZE})
endif()

# capmon_library(NAME sources... [LINK libraries...])
function(capmon_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LINK")
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC capmon_flags ${ARG_LINK})
endfunction()

# capmon_proto_library(NAME FILE.proto): messages and gRPC stubs, generated; compiled without our
# warnings.
function(capmon_proto_library name source)
  add_library(${name} STATIC ${source})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf gRPC::grpc++)
  target_include_directories(${name} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
  protobuf_generate(TARGET ${name} LANGUAGE cpp IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
  protobuf_generate(TARGET ${name} LANGUAGE grpc
                    GENERATE_EXTENSIONS .grpc.pb.h .grpc.pb.cc
                    PLUGIN "protoc-gen-grpc=\$<TARGET_FILE:gRPC::grpc_cpp_plugin>"
                    IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

# capmon_test(TIER file.cc [LINK libraries...]): a GoogleTest program with ctest label TIER, named
# TIER.file. Needs find_package(GTest).
function(capmon_test tier source)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "LINK")
  get_filename_component(stem ${source} NAME_WE)
  set(name ${tier}_${stem})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE capmon_flags ${ARG_LINK} GTest::gtest GTest::gmock
                                        GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE CAPMON_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             CAPMON_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${tier}.${stem} COMMAND ${name})
  set_tests_properties(${tier}.${stem} PROPERTIES LABELS ${tier})
endfunction()
