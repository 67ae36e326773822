#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No trailing white space, no tabs outside the kernel side, a newline at each end, nothing left undone.
. "$(dirname "$0")/files.sh"

# grep's -I leaves binary files out. matches OPTION... PATTERN: in the files named on standard input.
matches() { xargs -d '\n' grep -nIH "$@" || true; }
complain() {
  while IFS= read -r hit; do
    problem "$hit: $1"
  done
}

undone='TO''DO|FIX''ME|X''XX:'
complain "white space at the end of the line" < <(files | matches -E '[[:space:]]+$')
complain "left undone" < <(files | matches -wE "$undone")
complain "a tab" < <(
  files | grep -vE '^bpf/|\.bpf\.c$|\.(tsv|md|txt|scd)$|^LICENSE$|^tests/.*/data/' | matches -P '\t'
)
while read -r file; do
  [[ -z $(tail -c 1 "$file") ]] || problem "$file: no newline at the end"
done < <(files | xargs -d '\n' grep -lI .)
finish
