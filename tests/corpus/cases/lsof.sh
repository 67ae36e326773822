# SPDX-License-Identifier: Apache-2.0
# about: says which program of another user listens
# packages: lsof
# kind: tool

prepare() {
  victim nc -l 127.0.0.1 9999
  wait_for grep -q :270F /proc/net/tcp
}

job() {
  lsof -n -P -i TCP:9999 >/tmp/out
}

check() {
  grep '^nc .*nobody.*127.0.0.1:9999' /tmp/out
}
