# SPDX-License-Identifier: Apache-2.0
# about: gives addresses out on a link of its own
# packages: dnsmasq busybox-static iproute2
# kind: server

prepare() {
  ip link add left type veth peer name right
  ip address add 192.0.2.1/24 dev left
  ip link set left up
  ip link set right up
}

job() {
  exec dnsmasq -k -u dnsmasq --port=0 --interface=left --bind-interfaces --no-ping \
    --dhcp-range=192.0.2.50,192.0.2.60 --dhcp-leasefile=/tmp/leases
}

check() {
  timeout 4 busybox udhcpc -f -i right -n -q -t 3 -T 1 -s /bin/true 2>&1 | grep 'lease of 192.0.2'
  [ "$(stat -c %U /run/dnsmasq.pid)" = dnsmasq ]
}
