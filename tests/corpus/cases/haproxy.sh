# SPDX-License-Identifier: Apache-2.0
# about: a proxy on port 80 that confines itself to an empty root and another user
# packages: haproxy
# kind: server
# fast: yes

setup() {
  cat >/etc/haproxy/haproxy.cfg <<'EOF'
global
  chroot /var/lib/haproxy
  user haproxy
  group haproxy
defaults
  mode http
  timeout connect 2s
  timeout client 2s
  timeout server 2s
frontend web
  bind *:80
  http-request return status 200 content-type text/plain string "hello from haproxy"
EOF
}

job() {
  exec haproxy -W -db -f /etc/haproxy/haproxy.cfg
}

check() {
  curl -fsS -m 2 http://127.0.0.1/ | grep 'hello from haproxy'
  ps -o user= -C haproxy | grep haproxy
  # The first process executes itself anew once the worker runs, and hears no signal meanwhile.
  grep -q HAPROXY_MWORKER_WAIT_ONLY /proc/1/environ
  sleep 0.3
}
