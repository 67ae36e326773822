# SPDX-License-Identifier: Apache-2.0
# about: says which program of another user listens
# packages: iproute2
# kind: tool

prepare() {
  victim nc -l 127.0.0.1 9999
  wait_for grep -q :270F /proc/net/tcp
}

job() {
  ss -tlnp >/tmp/out
}

check() {
  grep '127.0.0.1:9999.*"nc"' /tmp/out
}
