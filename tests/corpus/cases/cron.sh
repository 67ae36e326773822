# SPDX-License-Identifier: Apache-2.0
# about: a timer daemon: an ordinary user's job at start
# packages: cron
# kind: server
# stop: KILL

setup() {
  useradd -m alice
  echo '@reboot id -un >/home/alice/ran' | crontab -u alice -
}

job() {
  exec cron -f
}

check() {
  grep alice /home/alice/ran
  [ "$(stat -c %U /home/alice/ran)" = alice ]
}
