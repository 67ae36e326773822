# SPDX-License-Identifier: Apache-2.0
# about: unpacks an archive as root, restoring owners, modes and times
# packages: tar
# kind: tool
# fast: yes

setup() {
  useradd -m alice
  mkdir -p /src/shared
  echo hello >/src/file
  chown -R alice: /src
  chmod 4755 /src/file
  chmod 2750 /src/shared
  tar -C / -cf /src.tar src
  rm -r /src
}

job() {
  tar -C /mnt -xf /src.tar
}

check() {
  [ "$(stat -c %U:%G:%a /mnt/src/file)" = alice:alice:4755 ]
  [ "$(stat -c %U:%G:%a /mnt/src/shared)" = alice:alice:2750 ]
}
