# SPDX-License-Identifier: Apache-2.0
# about: a resolver on port 53 that becomes its own user
# packages: unbound bind9-dnsutils
# kind: server

setup() {
  cat >/etc/unbound/unbound.conf <<'EOF'
server:
  interface: 127.0.0.1
  username: "unbound"
  chroot: "/etc/unbound"
  directory: "/etc/unbound"
  pidfile: "/etc/unbound/unbound.pid"
  use-syslog: no
  local-zone: "corpus.test." static
  local-data: "corpus.test. A 192.0.2.11"
EOF
}

job() {
  exec unbound -d -c /etc/unbound/unbound.conf
}

check() {
  dig +short +time=1 +tries=1 @127.0.0.1 corpus.test | grep '^192.0.2.11$'
  ps -o user= -C unbound | grep unbound
}
