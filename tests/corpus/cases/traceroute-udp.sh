# SPDX-License-Identifier: Apache-2.0
# about: traceroute as it comes, with UDP
# packages: traceroute
# kind: tool

job() {
  traceroute -n -w 1 -q 1 127.0.0.1 >/tmp/out
}

check() {
  grep '^ 1  127.0.0.1' /tmp/out
}
