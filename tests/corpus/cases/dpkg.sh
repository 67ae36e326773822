# SPDX-License-Identifier: Apache-2.0
# about: installs a package that holds a set-group-ID program of another group
# packages: dpkg
# kind: tool

setup() {
  mkdir -p /p/DEBIAN /p/usr/bin /p/var/lib/corpus
  printf '%s\n' 'Package: corpus' 'Version: 1' 'Architecture: all' 'Maintainer: corpus <c@c>' \
    'Description: corpus' >/p/DEBIAN/control
  install -m 2755 -g mail /bin/true /p/usr/bin/corpus-program
  dpkg-deb --build /p /corpus.deb >/dev/null
}

job() {
  dpkg -i /corpus.deb
}

check() {
  dpkg-query -W -f '${Status}' corpus | grep 'install ok installed'
  [ "$(stat -c %U:%G:%a /usr/bin/corpus-program)" = root:mail:2755 ]
}
