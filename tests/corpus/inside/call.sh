# SPDX-License-Identifier: Apache-2.0
# Runs one function of the case this root file system was prepared for.
set -eo pipefail

# Waits, for two seconds at most, until a command succeeds.
wait_for() {
  for _ in $(seq 100); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.02
  done
  return 1
}

# Starts a program of another user, which outlives the caller and is no part of the workload.
# Its process number is in /tmp/victim once it runs.
victim() {
  setpriv --reuid nobody --regid nogroup --clear-groups "$@" >/dev/null 2>&1 &
  echo "$!" >/tmp/victim
  wait_for grep -q "^${1##*/}\$" "/proc/$!/comm"
}

. /corpus/case.sh
"$1"
