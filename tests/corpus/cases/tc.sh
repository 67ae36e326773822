# SPDX-License-Identifier: Apache-2.0
# about: limits the rate of a link
# packages: iproute2
# kind: tool

job() {
  tc qdisc add dev lo root tbf rate 10mbit burst 32k latency 400ms
}

check() {
  tc qdisc show dev lo | grep 'tbf.*rate 10Mbit'
}
