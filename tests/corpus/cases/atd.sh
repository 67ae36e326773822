# SPDX-License-Identifier: Apache-2.0
# about: a timer daemon: an ordinary user's job, queued before
# packages: at
# kind: server

setup() {
  useradd -m -s /bin/bash alice
  mkdir -p /run
  echo 'id -un >/home/alice/ran' | runuser -u alice -- at now 2>/dev/null
}

job() {
  exec atd -f
}

check() {
  grep alice /home/alice/ran
  [ "$(stat -c %U /home/alice/ran)" = alice ]
}
