# SPDX-License-Identifier: Apache-2.0
# about: a terminal session in the background
# packages: screen
# kind: tool

setup() {
  install -d -m 1777 /run/screen
}

job() {
  screen -dmS corpus sh -c 'tty >/tmp/out; sleep 0.2'
  wait_for [ -s /tmp/out ]
}

check() {
  grep /dev/pts /tmp/out
}
