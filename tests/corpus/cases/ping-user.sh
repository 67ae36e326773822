# SPDX-License-Identifier: Apache-2.0
# about: an ordinary user pings by the file capability of ping
# packages: iputils-ping
# kind: tool

job() {
  setpriv --reuid nobody --regid nogroup --clear-groups ping -n -c 1 -W 1 127.0.0.1 >/tmp/out
}

check() {
  grep ' 0% packet loss' /tmp/out
}
