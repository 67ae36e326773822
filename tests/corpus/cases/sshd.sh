# SPDX-License-Identifier: Apache-2.0
# about: a login server: root and an ordinary user log in with a key
# packages: openssh-server openssh-client
# kind: server

setup() {
  useradd -m -s /bin/bash alice
  mkdir -p /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f /client
  for home in /root /home/alice; do
    install -d -m 700 "$home/.ssh"
    install -m 600 /client.pub "$home/.ssh/authorized_keys"
  done
  chown -R alice: /home/alice/.ssh
}

job() {
  exec /usr/sbin/sshd -D -e
}

check() {
  login() {
    ssh -i /client -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
      "$1@127.0.0.1" id -un
  }
  [ "$(login root)" = root ]
  [ "$(login alice)" = alice ]
}
