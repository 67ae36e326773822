# SPDX-License-Identifier: Apache-2.0
# about: asks for a link address on a link of its own
# packages: iputils-arping iproute2
# kind: tool

prepare() {
  ip netns add peer 2>/dev/null || true
  ip link add left type veth peer name right
  ip link set right netns peer
  ip address add 192.0.2.1/24 dev left
  ip link set left up
  ip -n peer address add 192.0.2.2/24 dev right
  ip -n peer link set right up
}

job() {
  arping -c 1 -w 3 -I left 192.0.2.2 >/tmp/out
}

check() {
  grep 'reply from 192.0.2.2' /tmp/out
}
