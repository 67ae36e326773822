#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every source file opens with its licence (after a #! or shellcheck line).
. "$(dirname "$0")/files.sh"

while read -r file; do
  case $file in
    bpf/*.[ch] | *.bpf.c) license='GPL-2.0 OR Apache-2.0' ;;
    *) license='Apache-2.0' ;;
  esac
  head -n 2 "$file" | grep -E "^(//|#|/\*) ?SPDX-License-Identifier: $license( \*/)?$" >/dev/null ||
    problem "$file: does not open with 'SPDX-License-Identifier: $license'"
done < <(
  {
    files '*.c' '*.cc' '*.h' '*.proto' '*.py' '*.cmake' CMakeLists.txt '*.yaml' '*.service' \
      '*.sysusers' Dockerfile
    scripts
  } | grep -v '^tests/manifests/cases/' # as others write them
)
finish
