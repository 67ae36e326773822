# SPDX-License-Identifier: Apache-2.0
# about: removes another user's file from a directory of all
# packages: coreutils
# kind: tool

setup() {
  useradd -m alice
  install -d -m 1777 -o alice /srv/shared
  install -m 666 -o alice /dev/null /srv/shared/file
}

job() {
  rm /srv/shared/file
}

check() {
  [ ! -e /srv/shared/file ]
}
