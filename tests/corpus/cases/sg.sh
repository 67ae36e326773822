# SPDX-License-Identifier: Apache-2.0
# about: runs a program with another group
# packages: login
# kind: tool

job() {
  sg games -c 'id -gn' >/tmp/out
}

check() {
  grep '^games$' /tmp/out
}
