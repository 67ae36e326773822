# SPDX-License-Identifier: Apache-2.0
# about: ends another user's program
# packages: procps
# kind: tool
# fast: yes

prepare() {
  victim sleep 1000
}

job() {
  kill "$(cat /tmp/victim)"
}

check() {
  ! ps -o comm= -o stat= -p "$(cat /tmp/victim)" | grep 'sleep *[^ Z]'
}
