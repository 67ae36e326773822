#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh BUILD-DIRECTORY: clang-tidy finds nothing in the pure core. Takes minutes: only in
# `tests/run.sh all`.
build=$(realpath "$1")
. "$(dirname "$0")/files.sh"

command -v clang-tidy >/dev/null || skip "clang-tidy is not installed"
said=$(files '*.cc' |
  grep -E '^(common|daemon/(model|attribution|profile|alert))/|^daemon/monitor' |
  xargs -d '\n' -P "$(nproc)" -n 4 \
    clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null) || problem "$said"
finish
