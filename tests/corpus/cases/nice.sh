# SPDX-License-Identifier: Apache-2.0
# about: starts a program with a better priority
# packages: coreutils
# kind: tool

job() {
  nice -n -5 nice >/tmp/out
}

check() {
  grep -e '^-5$' /tmp/out
}
