# SPDX-License-Identifier: Apache-2.0
# about: mounts a tmpfs, then makes it read-only
# packages: mount
# kind: tool
# fast: yes

job() {
  mount -t tmpfs -o size=1m corpus /mnt
  echo hello >/mnt/file
  mount -o remount,ro /mnt
}

check() {
  grep hello /mnt/file
  grep 'corpus /mnt tmpfs ro' /proc/mounts
}
