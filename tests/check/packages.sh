#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh PROGRAM...: one list of packages. The Dockerfile installs through install-packages.sh and
# not otherwise, and its set `runtime` brings every shared library the programs need.
. "$(dirname "$0")/files.sh"

dockerfile=deploy/docker/Dockerfile
! grep -nE '\bapt(-get)?\b[^/]*install' "$dockerfile" || problem "$dockerfile: installs by itself"
for set in build runtime; do
  grep -q "install-packages.sh $set\b" "$dockerfile" || problem "$dockerfile: no set '$set'"
done

command -v dpkg-query >/dev/null || skip "not a Debian system"
# dpkg may know a file below /lib that now lies below /usr/lib.
package_of() {
  local path
  path=$(realpath "$1")
  { dpkg-query -S "$path" || dpkg-query -S "${path#/usr}"; } 2>/dev/null | sed 's/:.*//'
}

# All the set brings with it: the closure of Depends.
declare -A brought=([libc6]=1)
mapfile -t waiting < <(deploy/install-packages.sh --list runtime)
while ((${#waiting[@]} > 0)); do
  package=${waiting[0]}
  waiting=("${waiting[@]:1}")
  [[ -z ${brought[$package]-} ]] || continue
  brought[$package]=1
  mapfile -t -O ${#waiting[@]} waiting < <(
    dpkg-query -W -f '${Depends}, ${Pre-Depends}' "$package" 2>/dev/null |
      tr ',|' '\n' | sed -nE 's/^ *([a-z0-9.+-]+).*/\1/p'
  )
done
for program in "$@"; do
  [[ -x $program ]] || problem "$program: was not built"
  while read -r library; do
    package=$(package_of "$library")
    [[ -n $package && -n ${brought[$package]-} ]] ||
      problem "$program: needs $library, which the set 'runtime' does not bring"
  done < <(ldd "$program" | grep -oP '=> \K/\S+')
done
finish
