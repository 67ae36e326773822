# SPDX-License-Identifier: Apache-2.0
# about: root becomes an ordinary user with su
# packages: login
# kind: tool

setup() {
  useradd -m -s /bin/bash alice
}

job() {
  su - alice -c 'id >~/ran'
}

check() {
  grep 'uid=.*(alice) gid=.*(alice)' /home/alice/ran
}
