# SPDX-License-Identifier: Apache-2.0
# about: looks into another user's running program
# packages: gdb-minimal
# kind: tool

prepare() {
  victim sleep 1000
}

job() {
  gdb -n -batch -ex 'print $pc' -ex detach -p "$(cat /tmp/victim)" >/tmp/out 2>&1
}

check() {
  grep '^$1 = .*0x' /tmp/out
}
