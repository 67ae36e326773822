# SPDX-License-Identifier: Apache-2.0
# Runs one function of a case inside its root file system.
set -eo pipefail

# Repeats a command until it succeeds, for at most two seconds.
wait_for() {
  for _ in $(seq 100); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.02
  done
  return 1
}

# Starts a program of another user, which outlives the caller and is not part of the workload.
# /tmp/victim has its pid once it runs.
victim() {
  setpriv --reuid nobody --regid nogroup --clear-groups "$@" >/dev/null 2>&1 &
  echo "$!" >/tmp/victim
  wait_for grep -q "^${1##*/}\$" "/proc/$!/comm"
}

. /corpus/case.sh
"$1"
