# SPDX-License-Identifier: Apache-2.0
# about: becomes another user, as container entrypoints do
# packages: util-linux
# kind: tool
# fast: yes

job() {
  setpriv --reuid games --regid games --clear-groups id >/tmp/out
}

check() {
  grep 'uid=5(games) gid=60(games) groups=60(games)' /tmp/out
}
