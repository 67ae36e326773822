# SPDX-License-Identifier: Apache-2.0
# about: a database server, started by root as its own user
# packages: postgresql
# kind: server
# stop: INT

setup() {
  install -d -o postgres -g postgres /data /run/postgresql
  setpriv --reuid postgres --regid postgres --init-groups \
    /usr/lib/postgresql/15/bin/initdb --no-sync -D /data >/dev/null
}

job() {
  exec setpriv --reuid postgres --regid postgres --init-groups \
    /usr/lib/postgresql/15/bin/postgres -D /data
}

check() {
  ask() { setpriv --reuid postgres --regid postgres --init-groups psql -qAtc "$1"; }
  [ "$(ask 'create temp table t as select 6 * 7 as n; select n from t')" = 42 ]
}
