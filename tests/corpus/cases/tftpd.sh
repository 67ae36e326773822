# SPDX-License-Identifier: Apache-2.0
# about: a trivial file server on port 69, confined to its directory and another user
# packages: tftpd-hpa
# kind: server
# fast: yes

setup() {
  mkdir -p /srv/tftp
  echo 'hello from tftpd' >/srv/tftp/file
}

job() {
  exec in.tftpd --listen --foreground --user tftp --secure /srv/tftp
}

check() {
  curl -fsS -m 3 tftp://127.0.0.1/file | grep 'hello from tftpd'
}
