# SPDX-License-Identifier: Apache-2.0
# about: makes a user with a home directory
# packages: passwd
# kind: tool

setup() {
  touch -d 2020-02-02 /etc/skel/.profile /etc/skel/.bashrc
  chmod 640 /etc/skel/.profile
}

job() {
  useradd -m -s /bin/bash bob
}

check() {
  id bob
  [ "$(stat -c %U:%G /home/bob)" = bob:bob ]
  # As in the skeleton, but for the owner.
  for file in .profile .bashrc; do
    [ "$(stat -c '%U:%G %a %Y' /home/bob/$file)" = "bob:bob $(stat -c '%a %Y' /etc/skel/$file)" ]
    cmp "/home/bob/$file" "/etc/skel/$file"
  done
}
