# SPDX-License-Identifier: Apache-2.0
# about: adds a firewall rule
# packages: iptables
# kind: tool

job() {
  iptables-legacy -A INPUT -p tcp --dport 9 -j DROP
}

check() {
  iptables-legacy-save | grep -e '--dport 9 -j DROP'
}
