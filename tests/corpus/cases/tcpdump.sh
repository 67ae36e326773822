# SPDX-License-Identifier: Apache-2.0
# about: captures packets of the loopback, having become its own user
# packages: tcpdump
# kind: tool

job() {
  tcpdump -i lo -n -c 1 -U udp port 9 >/tmp/out 2>/tmp/err &
  wait_for grep -q 'listening on' /tmp/err
  for _ in 1 2 3 4 5; do
    echo hello >/dev/udp/127.0.0.1/9 || true
    sleep 0.05
  done
  wait
}

check() {
  grep '127.0.0.1.9: UDP' /tmp/out
}
