# SPDX-License-Identifier: Apache-2.0
# about: runs a program in another root
# packages: coreutils busybox-static
# kind: tool

setup() {
  mkdir -p /srv/jail/bin /srv/jail/tmp
  cp /bin/busybox /srv/jail/bin/sh
}

job() {
  chroot /srv/jail /bin/sh -c 'echo hello >/tmp/ran'
}

check() {
  grep hello /srv/jail/tmp/ran
}
