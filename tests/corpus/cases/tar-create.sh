# SPDX-License-Identifier: Apache-2.0
# about: archives what other users keep to themselves
# packages: tar
# kind: tool
# fast: yes

setup() {
  useradd -m alice
  install -d -m 700 -o alice /home/alice/private
  install -m 600 -o alice /dev/stdin /home/alice/private/file <<<hello
}

job() {
  tar -C /home -cf /tmp/out.tar alice
}

check() {
  tar -xOf /tmp/out.tar alice/private/file | grep hello
}
