# SPDX-License-Identifier: Apache-2.0
# about: runs a program in a sandbox of its own making
# packages: bubblewrap
# kind: tool

job() {
  bwrap --ro-bind / / --proc /proc --dev /dev --tmpfs /tmp --unshare-pid --die-with-parent \
    sh -c 'echo "in $$"; touch /etc/x 2>&1 || true' >/srv/out
}

check() {
  grep '^in [1-9]' /srv/out
  grep 'Read-only' /srv/out
}
