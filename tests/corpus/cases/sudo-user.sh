# SPDX-License-Identifier: Apache-2.0
# about: an ordinary user becomes root by the set-user-ID bit of sudo
# packages: sudo
# kind: tool

setup() {
  useradd -m -s /bin/bash alice
  echo 'alice ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/alice
}

job() {
  setpriv --reuid alice --regid alice --init-groups sudo -n sh -c 'id >/root/ran'
}

check() {
  grep 'uid=0(root)' /root/ran
}
