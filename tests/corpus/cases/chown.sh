# SPDX-License-Identifier: Apache-2.0
# about: gives a tree to another user
# packages: coreutils
# kind: tool
# fast: yes

setup() {
  useradd -m alice
  mkdir -p /data/dir
  touch /data/dir/file
}

job() {
  chown -R alice:alice /data
}

check() {
  [ "$(stat -c %U:%G /data /data/dir/file | sort -u)" = alice:alice ]
}
