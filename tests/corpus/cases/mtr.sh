# SPDX-License-Identifier: Apache-2.0
# about: a route report; its packet program carries NET_RAW as a file capability
# packages: mtr-tiny
# kind: tool
# patience: 30

job() {
  mtr -n -r -c 1 -i 0.2 -G 0.5 127.0.0.1 >/tmp/out
}

check() {
  grep '127.0.0.1 *0.0%' /tmp/out
}
