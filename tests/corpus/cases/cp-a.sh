# SPDX-License-Identifier: Apache-2.0
# about: copies a tree with cp -a, owners and set-user-ID bits included
# packages: coreutils
# kind: tool

setup() {
  useradd -m alice
  install -d -m 755 -o alice -g alice /src/dir
  install -m 4755 -o alice -g alice /bin/true /src/dir/program
}

job() {
  cp -a /src /mnt/dst
}

check() {
  [ "$(stat -c %U:%G:%a /mnt/dst/dir/program)" = alice:alice:4755 ]
  [ "$(stat -c %U:%G:%a /mnt/dst/dir)" = alice:alice:755 ]
}
