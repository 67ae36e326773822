# SPDX-License-Identifier: Apache-2.0
# about: a web proxy whose worker is its own user
# packages: squid socat
# kind: server

setup() {
  printf '%s\n' 'http_port 3128' 'http_access allow localhost' 'shutdown_lifetime 0 seconds' \
    'cache_log stdio:/var/log/squid/cache.log' 'max_filedescriptors 1024' 'pinger_enable off' \
    >/etc/squid/squid.conf
}

job() {
  exec squid --foreground
}

check() {
  socat TCP-LISTEN:8080,reuseaddr EXEC:'bash /corpus/backend.sh' 2>/dev/null &
  trap 'kill $! 2>/dev/null || true' EXIT
  curl -fsS -m 2 -x http://127.0.0.1:3128 --retry 0 http://127.0.0.1:8080/ |
    grep 'hello from behind'
  ps -eo user=,group=,comm= | grep '^proxy *proxy *squid'
}
