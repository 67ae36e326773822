# SPDX-License-Identifier: Apache-2.0
# about: a small web proxy that becomes its own user
# packages: tinyproxy socat
# kind: server

setup() {
  install -d -o tinyproxy -g tinyproxy /run/tinyproxy
}

job() {
  exec tinyproxy -d
}

check() {
  socat TCP-LISTEN:8080,reuseaddr EXEC:'bash /corpus/backend.sh' 2>/dev/null &
  trap 'kill $! 2>/dev/null || true' EXIT
  curl -fsS -m 2 -x http://127.0.0.1:8888 http://127.0.0.1:8080/ | grep 'hello from behind'
  ps -eo user=,comm= | grep '^tinypro.* tinyproxy'
}
