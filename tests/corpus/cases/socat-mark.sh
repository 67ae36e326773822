# SPDX-License-Identifier: Apache-2.0
# about: sends with a mark, for policy routing
# packages: socat
# kind: tool

prepare() {
  nc -l 127.0.0.1 9999 >/tmp/out 2>&1 &
  wait_for grep -q :270F /proc/net/tcp
}

job() {
  echo hello | socat -u - TCP:127.0.0.1:9999,setsockopt-int=1:36:7
}

check() {
  sleep 0.1
  grep hello /tmp/out
}
