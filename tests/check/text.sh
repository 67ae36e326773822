#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No trailing white space, no tabs outside the kernel side, a newline at each end, nothing left undone.
. "$(dirname "$0")/files.sh"

undone='TO''DO|FIX''ME|X''XX:'
while read -r file; do
  grep -Iq . "$file" || continue  # empty or binary
  while IFS= read -r hit; do
    problem "$file:$hit: white space at the end of the line"
  done < <(grep -nE '[[:space:]]+$' "$file" | cut -d : -f 1)
  [[ -z $(tail -c 1 "$file") ]] || problem "$file: no newline at the end"
  while IFS= read -r hit; do
    problem "$file:$hit"
  done < <(grep -nwE "$undone" "$file")
  case $file in
    bpf/* | *.bpf.c | *.tsv | *.md | *.txt | LICENSE | tests/*/data/*) ;;
    *) ! grep -nP '\t' "$file" >/dev/null || problem "$file: has tabs" ;;
  esac
done < <(files)
finish
