# SPDX-License-Identifier: Apache-2.0
# about: root pings; Debian's ping carries NET_RAW as a file capability
# packages: iputils-ping
# kind: tool
# fast: yes

job() {
  ping -n -c 1 -W 1 127.0.0.1 >/tmp/out
}

check() {
  grep ' 0% packet loss' /tmp/out
}
