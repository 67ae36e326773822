# SPDX-License-Identifier: Apache-2.0
# about: makes a device node
# packages: coreutils
# kind: tool

job() {
  mknod -m 666 /mnt/null c 1 3
}

check() {
  [ -c /mnt/null ]
}
