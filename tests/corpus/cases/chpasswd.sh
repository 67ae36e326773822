# SPDX-License-Identifier: Apache-2.0
# about: gives a user a password
# packages: passwd
# kind: tool

setup() {
  useradd -m alice
}

job() {
  echo alice:secret | chpasswd
}

check() {
  grep '^alice:\$' /etc/shadow
  [ "$(stat -c %U:%G:%a /etc/shadow)" = root:shadow:640 ]
}
