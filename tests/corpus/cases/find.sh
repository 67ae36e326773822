# SPDX-License-Identifier: Apache-2.0
# about: searches what other users keep to themselves
# packages: findutils
# kind: tool
# fast: yes

setup() {
  useradd -m alice
  install -d -m 700 -o alice /home/alice/private
  install -m 600 -o alice /dev/stdin /home/alice/private/file <<<hello
}

job() {
  find /home -name file -user alice >/tmp/out
}

check() {
  grep /home/alice/private/file /tmp/out
}
