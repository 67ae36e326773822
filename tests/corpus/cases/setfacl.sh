# SPDX-License-Identifier: Apache-2.0
# about: changes the access list of another user's file
# packages: acl
# kind: tool

setup() {
  useradd -m alice
  install -m 644 -o alice /dev/null /srv/file
}

job() {
  setfacl -m u:games:rw /srv/file
}

check() {
  getfacl -p /srv/file | grep user:games:rw-
}
