# SPDX-License-Identifier: Apache-2.0
# Options of every capmon target: warnings, sanitizers, includes from the repository root.
include(CheckCXXCompilerFlag)

configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in
               ${CMAKE_BINARY_DIR}/include/generated/version.h @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_paths.h.in
               ${CMAKE_BINARY_DIR}/test-include/generated/build_paths.h @ONLY)

add_library(capmon_flags INTERFACE)
target_include_directories(capmon_flags INTERFACE ${CMAKE_SOURCE_DIR}
                           ${CMAKE_BINARY_DIR}/include)
target_compile_options(capmon_flags INTERFACE -Wall -Wextra -Wshadow)
if(CAPMON_SANITIZE)
  target_compile_options(capmon_flags INTERFACE -fsanitize=${CAPMON_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(capmon_flags INTERFACE -fsanitize=${CAPMON_SANITIZE})
endif()

# Hardening: capmond holds CAP_BPF and reads names that hostile containers choose.
# tests/check/hardening.sh checks the programs for each of these.
target_compile_options(capmon_flags INTERFACE -fstack-protector-strong -fPIE)
target_compile_definitions(capmon_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(capmon_flags INTERFACE -pie LINKER:-z,relro,-z,now,-z,noexecstack)
# clang takes the other architecture's with a warning, so the check alone does not tell them apart.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL aarch64)
  set(control_flow -mbranch-protection=standard)
else()
  set(control_flow -fcf-protection)
endif()
check_cxx_compiler_flag(${control_flow} CAPMON_HAS_CONTROL_FLOW)
if(CAPMON_HAS_CONTROL_FLOW)
  target_compile_options(capmon_flags INTERFACE ${control_flow})
endif()
# The C library checks sizes only in optimised code, and warns otherwise.
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(CAPMON_FORTIFIED OFF)
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}" MATCHES "-O[1-9sz]" AND NOT CAPMON_SANITIZE)
  set(CAPMON_FORTIFIED ON)
  target_compile_options(capmon_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

# capmon_library(NAME sources... [LINK libraries...])
function(capmon_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LINK")
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC capmon_flags ${ARG_LINK})
endfunction()

# capmon_install_program(NAME): installs it stripped, as a part of the package NAME. The component "debug",
# which is installed only on request, has its debug information where debuggers look for it: bin/.debug/NAME.debug.
function(capmon_install_program name)
  set(stripped ${CMAKE_CURRENT_BINARY_DIR}/stripped/${name})
  install(CODE "
    file(MAKE_DIRECTORY \"${CMAKE_CURRENT_BINARY_DIR}/stripped\")
    execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --only-keep-debug \"$<TARGET_FILE:${name}>\"
                            \"${stripped}.debug\" COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --strip-all \"--add-gnu-debuglink=${stripped}.debug\"
                            \"$<TARGET_FILE:${name}>\" \"${stripped}\" COMMAND_ERROR_IS_FATAL ANY)"
    ALL_COMPONENTS)
  install(PROGRAMS ${stripped} DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${name})
  install(FILES ${stripped}.debug DESTINATION ${CMAKE_INSTALL_BINDIR}/.debug
          COMPONENT debug EXCLUDE_FROM_ALL)
endfunction()

# capmon_proto_library(NAME FILE.proto): messages and gRPC stubs, generated; compiled without our
# warnings.
function(capmon_proto_library name source)
  add_library(${name} STATIC ${source})
  set_target_properties(${name} PROPERTIES COMPILE_WARNING_AS_ERROR OFF)
  target_compile_options(${name} PRIVATE -fPIE)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf gRPC::grpc++)
  target_include_directories(${name} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
  protobuf_generate(TARGET ${name} LANGUAGE cpp IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
  protobuf_generate(TARGET ${name} LANGUAGE grpc
                    GENERATE_EXTENSIONS .grpc.pb.h .grpc.pb.cc
                    PLUGIN "protoc-gen-grpc=\$<TARGET_FILE:gRPC::grpc_cpp_plugin>"
                    IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

# capmon_tests(TIER PROGRAM file.cc... [LINK libraries...]): one GoogleTest program for the tests of
# several files. Each file is a ctest of its own, named TIER.file, with the label TIER.
# Needs find_package(GTest) and capmon_test_main (tests/support).
function(capmon_tests tier program)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "LINK")
  add_executable(${program} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${program} PRIVATE capmon_flags ${ARG_LINK} capmon_test_main)
  if(CAPMON_PRECOMPILE)
    target_precompile_headers(${program} REUSE_FROM capmon_test_main)
  endif()
  foreach(source ${ARG_UNPARSED_ARGUMENTS})
    get_filename_component(stem ${source} NAME_WE)
    set(name ${tier}.${stem})
    add_test(NAME ${name} COMMAND ${program})
    set_tests_properties(${name} PROPERTIES LABELS ${tier} ENVIRONMENT CAPMON_TEST=${name})
    capmon_test_needs(${name} ${program})
  endforeach()
endfunction()

# capmon_test(TIER file.cc [LINK libraries...]): a program of its own, TIER_file, for one file.
function(capmon_test tier source)
  get_filename_component(stem ${source} NAME_WE)
  capmon_tests(${tier} ${tier}_${stem} ${source} ${ARGN})
endfunction()

# capmon_test_needs(NAME [target...]): what `tests/run.sh --only NAME` builds; without such a line, all.
function(capmon_test_needs name)
  file(APPEND ${CMAKE_BINARY_DIR}/test-needs.txt "${name}\n")
  foreach(target ${ARGN})
    file(APPEND ${CMAKE_BINARY_DIR}/test-needs.txt "${name} ${target}\n")
  endforeach()
endfunction()
file(WRITE ${CMAKE_BINARY_DIR}/test-needs.txt "")
