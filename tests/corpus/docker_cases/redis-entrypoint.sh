# SPDX-License-Identifier: Apache-2.0
# about: a key-value server whose entrypoint gives it its volume and drops to its user
# packages: redis-server
# kind: server
# volume: /data

setup() {
  mkdir /data
}

# As the entrypoint of the image that its authors publish.
job() {
  cd /data
  find . ! -user redis -exec chown redis '{}' +
  exec setpriv --reuid redis --regid redis --init-groups redis-server --dir /data
}

check() {
  [ "$(redis-cli set key value)" = OK ]
  [ "$(redis-cli get key)" = value ]
  [ "$(redis-cli save)" = OK ]
}
