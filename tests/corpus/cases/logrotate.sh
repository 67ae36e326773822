# SPDX-License-Identifier: Apache-2.0
# about: turns another user's log over, and makes the new one as its own
# packages: logrotate
# kind: tool

setup() {
  useradd -m alice
  install -d -m 755 -o alice -g adm /var/log/corpus
  install -m 640 -o alice -g adm /dev/stdin /var/log/corpus/log <<<hello
  printf '%s\n' '/var/log/corpus/log {' 'rotate 2' 'compress' 'create 640 alice adm' \
    'su root adm' '}' >/etc/corpus.conf
}

job() {
  logrotate -f /etc/corpus.conf
}

check() {
  zcat /var/log/corpus/log.1.gz | grep hello
  [ "$(stat -c %U:%G:%a /var/log/corpus/log.1.gz)" = alice:adm:640 ]
  [ "$(stat -c %U:%G:%a /var/log/corpus/log)" = alice:adm:640 ]
}
