# SPDX-License-Identifier: Apache-2.0
# about: answers on a low port
# packages: socat
# kind: server
# fast: yes

job() {
  exec socat TCP-LISTEN:81,reuseaddr,fork SYSTEM:'echo hello'
}

check() {
  nc -w 2 127.0.0.1 81 </dev/null | grep hello
}
