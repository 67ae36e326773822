# SPDX-License-Identifier: Apache-2.0
# about: traceroute with ICMP
# packages: traceroute
# kind: tool
# fast: yes

job() {
  traceroute -n -I -w 1 -q 1 127.0.0.1 >/tmp/out
}

check() {
  grep '^ 1  127.0.0.1' /tmp/out
}
