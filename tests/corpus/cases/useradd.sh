# SPDX-License-Identifier: Apache-2.0
# about: makes a user with a home directory
# packages: passwd
# kind: tool

job() {
  useradd -m -s /bin/bash bob
}

check() {
  id bob
  [ "$(stat -c %U:%G /home/bob /home/bob/.profile | sort -u)" = bob:bob ]
}
