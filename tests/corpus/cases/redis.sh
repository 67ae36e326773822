# SPDX-License-Identifier: Apache-2.0
# about: a key-value server, started by root as its own user
# packages: redis-server
# kind: server
# fast: yes

job() {
  cd /var/lib/redis || return
  exec setpriv --reuid redis --regid redis --init-groups redis-server --dir /var/lib/redis
}

check() {
  [ "$(redis-cli set key value)" = OK ]
  [ "$(redis-cli get key)" = value ]
  [ "$(redis-cli save)" = OK ]
}
