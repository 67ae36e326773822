# SPDX-License-Identifier: Apache-2.0
# about: removes another user's tree
# packages: coreutils
# kind: tool

setup() {
  useradd -m alice
  install -d -m 755 -o alice /home/alice/data
  install -m 600 -o alice /dev/null /home/alice/data/file
}

job() {
  rm -r /home/alice/data
}

check() {
  [ ! -e /home/alice/data ]
}
