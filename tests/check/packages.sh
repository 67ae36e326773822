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
# The packages of the set with all dependencies.
declare -A depends brought=([libc6]=1)
while IFS=$'\t' read -r package names; do
  depends[$package]=$names
done < <(
  dpkg-query -W -f '${Package}\t${Depends}, ${Pre-Depends}\n' |
    sed -E 's/ *\([^)]*\)//g; s/:(any|native)//g; s/[,|]/ /g'
)
mapfile -t waiting < <(deploy/install-packages.sh --list runtime)
while ((${#waiting[@]} > 0)); do
  package=${waiting[0]}
  waiting=("${waiting[@]:1}")
  [[ -z ${brought[$package]-} ]] || continue
  brought[$package]=1
  read -ra names <<<"${depends[$package]-}"
  waiting+=("${names[@]}")
done

for program in "$@"; do
  [[ -x $program ]] || problem "$program: was not built"
done
# dpkg may list a file below /lib that is now below /usr/lib.
mapfile -t libraries < <(ldd "$@" | grep -oP '=> \K/\S+' | sort -u | xargs realpath)
declare -A owner
while read -r package path; do
  owner[${path#/usr}]=${package%%:*}
done < <(dpkg-query -S "${libraries[@]}" "${libraries[@]#/usr}" 2>/dev/null)
for library in "${libraries[@]}"; do
  package=${owner[${library#/usr}]-}
  [[ -n $package && -n ${brought[$package]-} ]] ||
    problem "$library is needed, and the set 'runtime' does not bring it"
done
finish
