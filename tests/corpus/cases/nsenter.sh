# SPDX-License-Identifier: Apache-2.0
# about: runs a program in the namespaces of a process that holds more, as a host's process does
# packages: util-linux
# kind: tool

prepare() {
  unshare --net --uts sh -c 'hostname other; exec sleep 1000' >/dev/null 2>&1 &
  echo "$!" >/tmp/victim
  wait_for grep -q sleep "/proc/$!/comm"
}

job() {
  nsenter -t "$(cat /tmp/victim)" --uts --net uname -n >/tmp/out
}

check() {
  grep other /tmp/out
}
