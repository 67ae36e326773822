# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the two commands: prints progress, and writes the output of tools to files, which are
# shown only after a failure. The caller sets $logs, a directory.

: "${logs:?set it to a directory before sourcing this file}"

say() { printf '%s\n' "$*"; }

fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# step NAME SENTENCE COMMAND...: runs the command with its output in $logs/NAME.log; exits if it
# fails.
step() {
  local name=$1 sentence=$2 started=$SECONDS
  shift 2
  printf '  %-58s' "$sentence"
  if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    printf ' done (%d s)\n' $((SECONDS - started))
    return
  fi
  printf ' failed\n\n'
  tail -n 40 "$logs/$name.log" >&2
  fail "'$*' failed; the lines above are the end of what it said."
}

# wait_for SECONDS COMMAND...: repeats the command until it succeeds; returns false when the time is
# over.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# configure PRESET DIRECTORY OPTION...
configure() {
  local preset=$1 directory=$2
  shift 2
  cmake --preset "$preset" -B "$directory" "$@"
}

# configure_and_build PRESET DIRECTORY OPTION...: does nothing if nothing changed.
configure_and_build() {
  configure "$@" && cmake --build "$2"
  local status=$?
  give_to_owner "$2"
  return $status
}

# build_targets PRESET DIRECTORY TARGET...
build_targets() {
  configure "$1" "$2" && cmake --build "$2" --target "${@:3}"
  local status=$?
  give_to_owner "$2"
  return $status
}

# Gives build results under sudo to the owner of the source.
give_to_owner() { chown -hR --reference=. "$1"; }
