# SPDX-License-Identifier: Apache-2.0
# about: gives a program a file capability
# packages: libcap2-bin
# kind: tool

setup() {
  cp /bin/true /srv/program
}

job() {
  setcap cap_net_raw=ep /srv/program
}

check() {
  getcap /srv/program | grep cap_net_raw=ep
}
