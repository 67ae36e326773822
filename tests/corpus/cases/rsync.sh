# SPDX-License-Identifier: Apache-2.0
# about: copies a tree as root with owners, modes and times
# packages: rsync
# kind: tool
# fast: yes

setup() {
  useradd -m alice
  install -d -m 700 -o alice -g alice /src/private
  install -m 640 -o alice -g adm /dev/stdin /src/private/file <<<hello
}

job() {
  rsync -a /src/ /mnt/dst/
}

check() {
  [ "$(stat -c %U:%G:%a /mnt/dst/private)" = alice:alice:700 ]
  [ "$(stat -c %U:%G:%a /mnt/dst/private/file)" = alice:adm:640 ]
  [ "$(stat -c %Y /mnt/dst/private/file)" = "$(stat -c %Y /src/private/file)" ]
  cmp /mnt/dst/private/file /src/private/file
}
