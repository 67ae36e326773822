#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hardening.sh BUILD FORTIFIED PROGRAM...: the programs are built as cmake/CapmonTargets.cmake says:
# position independent, without writable tables of functions, with stack protectors, on x86 for
# control-flow enforcement and, if FORTIFIED is ON, with checked copies.
. "$(dirname "$0")/files.sh"

command -v readelf >/dev/null || skip "readelf is not installed"
# has PROGRAM READELF-OPTION PATTERN WHAT
has() { readelf -W "$2" "$1" | grep -E -- "$3" >/dev/null || problem "$1: $4"; }

commands=$1/compile_commands.json
fortified=$2
shift 2
# A program whose sizes are all known calls no checked function: checks how it was compiled.
unchecked=$(grep '"command"' "$commands" | grep -E -- '-c \S*/(common|daemon|client)/\S*\.cc' |
  grep -v -- -D_FORTIFY_SOURCE=2 || true)
[[ $fortified != ON || -z $unchecked ]] ||
  problem "copies unchecked (-D_FORTIFY_SOURCE=2): ${unchecked:0:300}"
for program in "$@"; do
  [[ -x $program ]] || { problem "$program: was not built"; continue; }
  has "$program" -h 'Type: +DYN' "is not position independent (-pie)"
  has "$program" -l 'GNU_RELRO' "can write its relocated tables (-z relro)"
  has "$program" -d '(BIND_NOW|FLAGS.* NOW)' "binds functions late (-z now)"
  has "$program" -l 'GNU_STACK .* RW +' "has an executable stack (-z noexecstack)"
  has "$program" --dyn-syms '__stack_chk_fail' "has no stack protector (-fstack-protector-strong)"
  # Not every distribution marks the C library's start code, so this searches for the instruction.
  [[ $(readelf -h "$program") != *X86-64* ]] ||
    (($(LC_ALL=C grep -aoP '\xf3\x0f\x1e\xfa' "$program" | wc -l) > 100)) ||
    problem "$program: is not built for control-flow enforcement (-fcf-protection)"
done
finish
