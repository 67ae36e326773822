# SPDX-License-Identifier: Apache-2.0
# about: a cache that keeps its memory from being swapped
# packages: memcached
# kind: server

job() {
  exec memcached -u root -l 127.0.0.1 -k -m 64
}

check() {
  printf 'set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n' | nc -w 1 127.0.0.1 11211 | grep hello
  [ "$(sed -n 's/VmLck:\s*\([0-9]*\) kB/\1/p' /proc/1/status)" -gt 0 ]
}
