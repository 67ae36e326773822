# SPDX-License-Identifier: Apache-2.0
# about: a time server that leaves the clock alone and becomes its own user
# packages: chrony
# kind: server

setup() {
  printf '%s\n' 'local stratum 8' 'allow 127.0.0.0/8' 'driftfile /var/lib/chrony/drift' \
    >/etc/chrony/chrony.conf
  install -d -m 750 -o _chrony -g _chrony /run/chrony
}

job() {
  exec chronyd -d -x
}

check() {
  # A client's request for the time, and the answer's first byte: a server of version 4.
  reply=$( (printf '\x23'; head -c 47 /dev/zero) | timeout 0.3 nc -u 127.0.0.1 123 |
    head -c 1 | od -An -tx1) || true
  [ "$reply" = ' 24' ]
  ps -o user= -C chronyd | grep _chrony
}
