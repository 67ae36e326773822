# SPDX-License-Identifier: Apache-2.0
# about: starts a program in the real-time input-output class
# packages: util-linux
# kind: tool

job() {
  ionice -c 1 -n 4 ionice >/tmp/out
}

check() {
  grep 'realtime: prio 4' /tmp/out
}
