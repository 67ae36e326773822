# SPDX-License-Identifier: Apache-2.0
# about: a cache that becomes its own user
# packages: memcached
# kind: server
# fast: yes

job() {
  exec memcached -u memcache -l 127.0.0.1
}

check() {
  printf 'set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n' | nc -w 1 127.0.0.1 11211 | grep hello
  ps -o user= -C memcached | grep memcache
}
