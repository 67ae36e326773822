# SPDX-License-Identifier: Apache-2.0
# about: reads the kernel's log
# packages: util-linux
# kind: tool

job() {
  dmesg >/tmp/out
}

check() {
  [ -s /tmp/out ]
}
