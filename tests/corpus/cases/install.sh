# SPDX-License-Identifier: Apache-2.0
# about: installs files for another user
# packages: coreutils
# kind: tool

job() {
  install -d -o games -g games -m 750 /mnt/dir
  install -o games -g games -m 640 /etc/hostname /mnt/dir/file
}

check() {
  [ "$(stat -c %U:%G:%a /mnt/dir/file)" = games:games:640 ]
}
