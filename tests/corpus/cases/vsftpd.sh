# SPDX-License-Identifier: Apache-2.0
# about: a file server on port 21: a local user logs in and takes a file
# packages: vsftpd
# kind: server

setup() {
  useradd -m -s /bin/bash alice
  echo alice:secret | chpasswd
  install -o alice /dev/stdin /home/alice/file <<<'hello from vsftpd'
  printf '%s\n' 'listen=YES' 'listen_ipv6=NO' 'background=NO' 'local_enable=YES' \
    'secure_chroot_dir=/run/vsftpd/empty' 'pam_service_name=vsftpd' 'seccomp_sandbox=NO' \
    >/etc/vsftpd.conf
  mkdir -p /run/vsftpd/empty
}

job() {
  # It handles no SIGTERM, which a first process needs.
  vsftpd /etc/vsftpd.conf &
  trap 'kill $!' TERM
  wait || true
}

check() {
  curl -fsS -m 4 ftp://alice:secret@127.0.0.1/file | grep 'hello from vsftpd'
}
