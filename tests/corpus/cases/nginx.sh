# SPDX-License-Identifier: Apache-2.0
# about: a web server on port 80 with workers of its own user
# packages: nginx-light
# kind: server
# fast: yes

setup() {
  echo 'hello from nginx' >/var/www/html/index.html
}

job() {
  exec nginx -g 'daemon off;'
}

check() {
  curl -fsS -m 2 http://127.0.0.1/ | grep 'hello from nginx'
  ps -o user= -C nginx | grep www-data
}
