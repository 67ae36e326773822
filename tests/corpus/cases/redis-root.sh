# SPDX-License-Identifier: Apache-2.0
# about: a key-value server that stays root
# packages: redis-server
# kind: server
# fast: yes

setup() {
  mkdir /data
}

job() {
  exec redis-server --dir /data
}

check() {
  [ "$(redis-cli set key value)" = OK ]
  [ "$(redis-cli get key)" = value ]
  [ "$(redis-cli save)" = OK ]
}
