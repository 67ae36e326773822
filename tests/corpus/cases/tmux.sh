# SPDX-License-Identifier: Apache-2.0
# about: a terminal session in the background
# packages: tmux
# kind: tool

job() {
  tmux new-session -d 'tty >/tmp/out'
  wait_for [ -s /tmp/out ]
}

check() {
  grep /dev/pts /tmp/out
}
