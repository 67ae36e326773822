# SPDX-License-Identifier: Apache-2.0
# about: gives up a capability and runs a program without it
# packages: libcap2-bin
# kind: tool

job() {
  capsh --drop=cap_net_raw -- -c 'cat /proc/self/status' >/tmp/out
}

check() {
  bounding=$(sed -n 's/CapBnd:\s*//p' /tmp/out)
  [ $((16#$bounding >> 13 & 1)) = 0 ]
}
