# SPDX-License-Identifier: Apache-2.0
# about: a name server on port 53 that becomes its own user and keeps few capabilities
# packages: bind9 bind9-dnsutils
# kind: server

setup() {
  cat >/etc/bind/named.conf <<'EOF'
options { directory "/var/cache/bind"; recursion no; listen-on { 127.0.0.1; }; };
zone "corpus.test" { type primary; file "/etc/bind/corpus.zone"; };
EOF
  printf '%s\n' '$TTL 60' '@ SOA ns root 1 60 60 60 60' '@ NS ns' 'ns A 192.0.2.9' \
    >/etc/bind/corpus.zone
  install -d -m 775 -o root -g bind /run/named
}

job() {
  exec named -f -u bind
}

check() {
  dig +short +time=1 +tries=1 @127.0.0.1 ns.corpus.test | grep '^192.0.2.9$'
  ps -o user= -C named | grep bind
}
