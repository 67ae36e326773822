#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The C++ is formatted by clang-format. The BPF programs keep kernel style and are left out.
. "$(dirname "$0")/files.sh"

command -v clang-format >/dev/null || skip "clang-format is not installed"
files '*.cc' '*.h' | grep -v '^bpf/' | xargs -d '\n' clang-format --dry-run -Werror
