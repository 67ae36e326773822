# SPDX-License-Identifier: Apache-2.0
# about: a mail server: a message arrives by SMTP and lands in a user's mailbox
# packages: postfix
# kind: server

setup() {
  useradd -m alice
  postconf -e 'inet_interfaces = loopback-only' 'mydestination = localhost' \
    'maillog_file = /var/log/mail.log' 'alias_maps =' 'local_recipient_maps ='
}

job() {
  exec /usr/sbin/postfix start-fg
}

check() {
  curl -fsS -m 3 smtp://127.0.0.1:25 --mail-from root@localhost --mail-rcpt alice@localhost \
    -T - <<<'Subject: hello from postfix'
  wait_for grep 'hello from postfix' /var/mail/alice
  [ "$(stat -c %U /var/mail/alice)" = alice ]
}
