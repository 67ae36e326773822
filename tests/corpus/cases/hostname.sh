# SPDX-License-Identifier: Apache-2.0
# about: sets the name of the container
# packages: hostname
# kind: tool

job() {
  hostname renamed
}

check() {
  [ "$(uname -n)" = renamed ]
}
