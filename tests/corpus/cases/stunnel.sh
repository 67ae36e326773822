# SPDX-License-Identifier: Apache-2.0
# about: a TLS wrapper on port 443 that becomes another user
# packages: stunnel4 socat
# kind: server
# fast: yes

setup() {
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=corpus -days 30 -keyout /etc/stunnel/pem \
    -out /tmp/cert 2>/dev/null
  cat /tmp/cert >>/etc/stunnel/pem
  chmod 600 /etc/stunnel/pem
  printf '%s\n' 'foreground = yes' 'pid =' 'setuid = stunnel4' 'setgid = stunnel4' '[web]' \
    'accept = 443' 'connect = 127.0.0.1:8080' 'cert = /etc/stunnel/pem' >/etc/stunnel/corpus.conf
}

job() {
  exec stunnel /etc/stunnel/corpus.conf
}

check() {
  socat TCP-LISTEN:8080,reuseaddr EXEC:'bash /corpus/backend.sh' 2>/dev/null &
  trap 'kill $! 2>/dev/null || true' EXIT
  curl -fsSk -m 2 https://127.0.0.1/ | grep 'hello from behind'
  ps -o user= -C stunnel,stunnel4 | grep stunnel
}
