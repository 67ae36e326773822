# SPDX-License-Identifier: Apache-2.0
# about: a message broker that becomes its own user
# packages: mosquitto mosquitto-clients
# kind: server
# fast: yes

setup() {
  printf '%s\n' 'listener 1883 127.0.0.1' 'allow_anonymous true' 'user mosquitto' \
    >/etc/mosquitto/corpus.conf
}

job() {
  exec mosquitto -c /etc/mosquitto/corpus.conf
}

check() {
  mosquitto_pub -h 127.0.0.1 -t corpus -m hello -r
  mosquitto_sub -h 127.0.0.1 -t corpus -C 1 -W 2 | grep hello
  ps -o user= -C mosquitto | grep mosquit
}
