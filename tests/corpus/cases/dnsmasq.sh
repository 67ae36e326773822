# SPDX-License-Identifier: Apache-2.0
# about: a name server on port 53 that becomes its own user
# packages: dnsmasq bind9-dnsutils
# kind: server
# fast: yes

job() {
  exec dnsmasq -k -u dnsmasq --no-resolv --address=/corpus.test/192.0.2.7
}

check() {
  dig +short +time=1 +tries=1 @127.0.0.1 corpus.test | grep '^192.0.2.7$'
  ps -o user= -C dnsmasq | grep dnsmasq
  [ "$(stat -c %U /run/dnsmasq.pid)" = dnsmasq ]
}
