# SPDX-License-Identifier: Apache-2.0
# about: lists the programs of all users
# packages: procps
# kind: tool
# fast: yes

prepare() {
  victim sleep 1000
}

job() {
  ps aux >/tmp/out
}

check() {
  grep '^nobody .*sleep 1000' /tmp/out
}
