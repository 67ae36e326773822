# SPDX-License-Identifier: Apache-2.0
# about: a web server on port 80, prefork workers of its own user
# packages: apache2
# kind: server

setup() {
  echo 'hello from apache' >/var/www/html/index.html
  mkdir -p /run/apache2 /var/lock/apache2
  echo 'ServerName localhost' >/etc/apache2/conf-enabled/name.conf
}

job() {
  . /etc/apache2/envvars
  exec apache2 -DFOREGROUND
}

check() {
  curl -fsS -m 2 http://127.0.0.1/ | grep 'hello from apache'
  ps -o user= -C apache2 | grep www-data
}
