# SPDX-License-Identifier: Apache-2.0
# about: a virtual-address daemon that keeps its memory from being swapped
# packages: keepalived iproute2
# kind: server

setup() {
  cat >/etc/keepalived/keepalived.conf <<'EOF'
global_defs {
  vrrp_version 3
  vrrp_no_swap
}
vrrp_instance corpus {
  state MASTER
  interface left
  virtual_router_id 7
  priority 200
  advert_int 0.2
  virtual_ipaddress { 192.0.2.77/24 }
}
EOF
}

prepare() {
  ip link add left type veth peer name right
  ip address add 192.0.2.1/24 dev left
  ip link set left up
  ip link set right up
}

job() {
  exec keepalived --dont-fork --log-console --vrrp
}

check() {
  ip -4 address show dev left | grep 192.0.2.77
  cat /proc/[0-9]*/status | grep '^VmLck:[[:space:]]*[1-9]'
}
