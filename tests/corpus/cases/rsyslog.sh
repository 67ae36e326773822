# SPDX-License-Identifier: Apache-2.0
# about: the system log: messages from /dev/log into a file of root:adm
# packages: rsyslog
# kind: server
# fast: yes

setup() {
  sed -i '/imklog/d' /etc/rsyslog.conf
}

job() {
  exec rsyslogd -n -iNONE
}

check() {
  logger 'hello from the corpus'
  sleep 0.1
  grep 'hello from the corpus' /var/log/syslog
  [ "$(stat -c %U:%G /var/log/syslog)" = root:adm ]
}
