# SPDX-License-Identifier: Apache-2.0
# about: gives itself a better priority
# packages: bsdutils
# kind: tool

job() {
  renice -n -7 -p $$
  nice >/tmp/out
}

check() {
  grep -e '^-7$' /tmp/out
}
