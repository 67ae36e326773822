# SPDX-License-Identifier: Apache-2.0
# about: makes a pair of links, gives one an address and a route
# packages: iproute2
# kind: tool
# fast: yes

job() {
  ip link add left type veth peer name right
  ip address add 192.0.2.1/24 dev left
  ip link set left up
  ip link set right up
  ip route add 198.51.100.0/24 via 192.0.2.2
}

check() {
  ip -4 address show dev left | grep 192.0.2.1/24
  ip route | grep '198.51.100.0/24 via 192.0.2.2'
}
