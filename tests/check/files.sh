# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the checks: which files there are, and how a check ends. Runs at the repository root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# files NAME-PATTERN...: files of the working tree, one per line; all without a pattern.
files() {
  local pattern names=()
  for pattern in "$@"; do
    names+=(-o -name "$pattern")
  done
  ((${#names[@]} > 0)) || names=(-o -name '*')
  find . \( -path ./build -o -path ./.git \) -prune -o -type f \( "${names[@]:1}" \) -print |
    sed 's#^\./##' | LC_ALL=C sort
}

# scripts: every shell script, by name or by first line.
scripts() {
  { files '*.sh'; files | xargs -d '\n' awk 'FNR == 1 && /^#!.*sh$/ {print FILENAME}'; } |
    LC_ALL=C sort -u
}

problems=0
problem() {
  printf '%s\n' "$*"
  problems=$((problems + 1))
}
finish() {
  ((problems == 0)) || {
    echo "$problems problem(s)"
    exit 1
  }
}
skip() {
  echo "$*"
  exit 77
}
