# SPDX-License-Identifier: Apache-2.0
# about: binds another user's program to a processor
# packages: util-linux
# kind: tool

prepare() {
  victim sleep 1000
}

job() {
  taskset -p 1 "$(cat /tmp/victim)"
}

check() {
  taskset -p "$(cat /tmp/victim)" | grep 'mask: 1$'
}
