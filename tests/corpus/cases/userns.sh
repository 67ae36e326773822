# SPDX-License-Identifier: Apache-2.0
# about: an ordinary user makes a user namespace and mounts inside it
# packages: util-linux
# kind: tool

job() {
  setpriv --reuid nobody --regid nogroup --clear-groups \
    unshare --user --map-root-user --mount \
    sh -c 'mount -t tmpfs corpus /mnt && grep /mnt /proc/mounts' >/tmp/out
}

check() {
  grep corpus /tmp/out
}
