# SPDX-License-Identifier: Apache-2.0
# about: becomes another user through PAM
# packages: util-linux
# kind: tool

job() {
  runuser -u games -- id >/tmp/out
}

check() {
  grep 'uid=5(games) gid=60(games)' /tmp/out
}
