# SPDX-License-Identifier: Apache-2.0
# about: a web server on port 80 that becomes another user
# packages: lighttpd
# kind: server
# fast: yes

setup() {
  echo 'hello from lighttpd' >/var/www/html/index.html
}

job() {
  exec lighttpd -D -f /etc/lighttpd/lighttpd.conf
}

check() {
  curl -fsS -m 2 http://127.0.0.1/index.html | grep 'hello from lighttpd'
  ps -o user= -C lighttpd | grep www-data
}
