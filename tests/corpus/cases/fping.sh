# SPDX-License-Identifier: Apache-2.0
# about: pings several addresses; Debian's fping carries NET_RAW as a file capability
# packages: fping
# kind: tool

job() {
  fping -c 1 -p 20 127.0.0.1 127.0.0.2 >/tmp/out 2>&1
}

check() {
  [ "$(grep -c '0% loss' /tmp/out)" -ge 2 ]
}
