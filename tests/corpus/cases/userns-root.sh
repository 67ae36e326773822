# SPDX-License-Identifier: Apache-2.0
# about: root makes a user namespace and mounts inside it
# packages: util-linux
# kind: tool

job() {
  unshare --user --map-root-user --mount \
    sh -c 'mount -t tmpfs corpus /mnt && grep /mnt /proc/mounts' >/tmp/out
}

check() {
  grep corpus /tmp/out
}
