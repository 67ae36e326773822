# SPDX-License-Identifier: Apache-2.0
# about: runs a program in new mount, name and process namespaces
# packages: util-linux
# kind: tool

job() {
  unshare --mount --uts --pid --fork --mount-proc \
    sh -c 'hostname inner; echo "$$ $(uname -n)" >/tmp/out'
}

check() {
  grep '^1 inner$' /tmp/out
}
