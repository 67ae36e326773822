# SPDX-License-Identifier: Apache-2.0
# about: traces a program it starts
# packages: strace
# kind: tool
# fast: yes

job() {
  strace -f -o /tmp/out cat /etc/hostname
}

check() {
  grep 'openat.*/etc/hostname' /tmp/out
}
