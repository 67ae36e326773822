# SPDX-License-Identifier: Apache-2.0
# about: attaches to another user's running program, until that ends
# packages: strace
# kind: tool

prepare() {
  victim bash -c 'until [ -e /tmp/go ]; do sleep 0.05; done; cat /etc/hostname'
}

job() {
  strace -f -o /tmp/out -p "$(cat /tmp/victim)" 2>/tmp/err &
  wait_for grep -q attached /tmp/err
  touch /tmp/go
  wait $!
}

check() {
  grep 'openat.*/etc/hostname' /tmp/out
}
