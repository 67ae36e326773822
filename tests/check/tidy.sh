#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh BUILD-DIRECTORY: clang-tidy, by .clang-tidy, has nothing to say about the pure core. Minutes:
# part of `tests/run.sh all` only.
build=$(realpath "$1")
. "$(dirname "$0")/files.sh"

command -v clang-tidy >/dev/null || skip "clang-tidy is not installed"
said=$(files '*.cc' |
  grep -E '^(common|daemon/(model|attribution|profile|alert))/|^daemon/monitor' |
  xargs -d '\n' -P "$(nproc)" -n 4 \
    clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null) || problem "$said"
finish
