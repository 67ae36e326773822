#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No trailing white space, no tabs outside the kernel side, a newline at the end of each file, no
# marks of unfinished work.
. "$(dirname "$0")/files.sh"

# Leaves out seeds of fuzzers and manifests of tests, which are as others write them.
of_ours() { files | grep -vE '^tests/(fuzz/corpus|manifests/cases)/'; }
# matches OPTION... PATTERN: searches the files named on standard input; -I leaves out binary files.
matches() { xargs -d '\n' grep -nIH "$@" || true; }
complain() {
  while IFS= read -r hit; do
    problem "$hit: $1"
  done
}

undone='TO''DO|FIX''ME|X''XX:'
complain "white space at the end of the line" < <(of_ours | matches -E '[[:space:]]+$')
complain "left undone" < <(of_ours | matches -wE "$undone")
complain "a tab" < <(
  of_ours | grep -vE '^bpf/|\.bpf\.c$|\.(tsv|md|txt|scd)$|^LICENSE$|^tests/.*/data/' | matches -P '\t'
)
while read -r file; do
  [[ -z $(tail -c 1 "$file") ]] || problem "$file: no newline at the end"
done < <(of_ours | xargs -d '\n' grep -lI .)
finish
