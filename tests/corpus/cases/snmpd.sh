# SPDX-License-Identifier: Apache-2.0
# about: a management agent on port 161 that becomes its own user
# packages: snmpd snmp
# kind: server

setup() {
  printf '%s\n' 'agentaddress udp:127.0.0.1:161' 'rocommunity public 127.0.0.1' \
    'sysLocation corpus' >/etc/snmp/snmpd.conf
  # As on a fresh volume: its state is still to become its user's.
  rm -rf /var/lib/snmp
  mkdir /var/lib/snmp
}

job() {
  exec snmpd -f -Lo -u Debian-snmp -g Debian-snmp
}

check() {
  snmpget -v 2c -c public -t 1 -r 0 127.0.0.1 .1.3.6.1.2.1.1.6.0 | grep corpus
  ps -o user= -C snmpd | grep Debian
  [ "$(stat -c %U /var/lib/snmp)" = Debian-snmp ]
}
