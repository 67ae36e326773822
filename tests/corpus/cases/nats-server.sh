# SPDX-License-Identifier: Apache-2.0
# about: a message server that asks for nothing
# packages: nats-server
# kind: server
# fast: yes

job() {
  exec nats-server -a 127.0.0.1
}

check() {
  (printf 'SUB a 1\r\nPUB a 5\r\nhello\r\nPING\r\n'; sleep 0.3) |
    nc -w 1 127.0.0.1 4222 | grep hello
}
