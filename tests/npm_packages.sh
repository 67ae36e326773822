# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests in JavaScript. The caller ends with 77, a skip, where node or npm is missing.

# npm_packages HERE WORK: the packages of HERE/package-lock.json in WORK, installed once for each lock.
npm_packages() {
  local here=$1 work=$2 program
  for program in node npm; do
    command -v "$program" >/dev/null || {
      echo "$program is not installed"
      exit 77
    }
  done
  mkdir -p "$work"
  if ! cmp -s "$here/package-lock.json" "$work/installed"; then
    cp "$here/package.json" "$here/package-lock.json" "$work/"
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp "$here/package-lock.json" "$work/installed"
  fi
}
