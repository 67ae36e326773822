# SPDX-License-Identifier: Apache-2.0
# about: a super-server on a low port that starts a program as another user
# packages: xinetd
# kind: server

setup() {
  cat >/etc/xinetd.conf <<'EOF'
service corpus
{
  type = UNLISTED
  port = 79
  socket_type = stream
  protocol = tcp
  wait = no
  user = nobody
  server = /usr/bin/id
  server_args = -un
}
EOF
}

job() {
  exec xinetd -dontfork
}

check() {
  nc -w 2 127.0.0.1 79 </dev/null | grep nobody
}
