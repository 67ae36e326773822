# SPDX-License-Identifier: Apache-2.0
# about: root becomes an ordinary user with sudo
# packages: sudo
# kind: tool

setup() {
  useradd -m -s /bin/bash alice
}

job() {
  sudo -n -u alice -H sh -c 'id >/home/alice/ran'
}

check() {
  grep 'uid=.*(alice) gid=.*(alice)' /home/alice/ran
}
