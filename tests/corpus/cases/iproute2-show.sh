# SPDX-License-Identifier: Apache-2.0
# about: shows links, for which iproute2 asks the kernel what it knows
# packages: iproute2
# kind: tool
# fast: yes

job() {
  ip link show lo >/tmp/out
}

check() {
  grep LOOPBACK /tmp/out
}
