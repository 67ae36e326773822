# SPDX-License-Identifier: Apache-2.0
# about: attaches to another user's running program
# packages: strace
# kind: tool

prepare() {
  setpriv --reuid nobody --regid nogroup --clear-groups \
    bash -c 'while :; do read -rt 0.05 _ < <(:) || true; done' >/dev/null 2>&1 &
  echo "$!" >/tmp/victim
}

job() {
  timeout -s INT 0.5 strace -o /tmp/out -p "$(cat /tmp/victim)" || [ "$?" = 124 ]
}

check() {
  grep 'pselect6\|wait4\|clone\|read' /tmp/out
}
