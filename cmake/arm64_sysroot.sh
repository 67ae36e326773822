#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# arm64_sysroot.sh DIRECTORY: Debian 12 for arm64, as far as capmon is built from it and tested with it, for
# `cmake --preset arm64`. Does nothing if it is there already.
# No package is installed, and no script of a package runs: they are unpacked. apt works in a state
# of its own, on the mirror it is set up with, and trusts Debian's archive keys alone.
# Exits 77, saying why in one line on standard error, where the packages cannot be had.
set -euo pipefail

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
sysroot=$(realpath -m "${1:?which directory?}")
here=$(cd "$(dirname "$0")" && pwd)

unavailable() {
  echo "no arm64 libraries: $*" >&2
  exit 77
}

# Of what capmon is built from on any machine, all but the programs of the build; and what tests need there.
mapfile -t packages < <("$here/../deploy/install-packages.sh" --list build container |
  grep -E -- '-dev$|^(busybox-static|runc)$')
packages+=(libgtest-dev libgmock-dev)
wanted=$(printf '%s\n' "${packages[@]}")
[[ $(cat "$sysroot/.packages" 2>/dev/null) != "$wanted" ]] || exit 0

[[ -r $keyring ]] || unavailable "$keyring is missing"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' 2>/dev/null |
  grep -m 1 '/debian/*$') || unavailable "apt is not set up with a Debian archive"
mkdir -p "$(dirname "$sysroot")"
work=$(mktemp -d "$sysroot.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,root/usr/{bin,lib,sbin}}
: >"$work/status"
echo "deb [arch=arm64 signed-by=$keyring] $mirror bookworm main" >"$work/sources.list"

private_apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o "Dir::State::Status=$work/status" \
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Acquire::Languages=none \
    -o APT::Sandbox::User=root -o Debug::NoLocking=true "$@"
}
private_apt update >"$work/log" 2>&1 || unavailable "the lists of packages ($(tail -n 1 "$work/log"))"
private_apt install --yes --no-install-recommends --download-only "${packages[@]}" >"$work/log" 2>&1 ||
  unavailable "the packages ($(tail -n 1 "$work/log"))"

ln -s usr/{bin,lib,sbin} "$work/root"
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar -x --no-same-owner --keep-directory-symlink -C "$work/root" --exclude './usr/share/doc' \
      --exclude './usr/share/locale' --exclude './usr/share/man' --exclude './etc' --exclude './var'
done
# Links that name a place from the root of the file system would lead out of the sysroot.
find "$work/root" -type l -lname '/*' | while read -r link; do
  ln -sfn --relative "$work/root$(readlink "$link")" "$link"
done
# Programs that CMake's files of these packages name run in the build: this machine's.
grep -rhoE '_IMPORT_PREFIX\}/bin/[^"]+' "$work/root/usr/lib" --include '*.cmake' | sort -u | while IFS=/ read -r _ _ name; do
  [[ -e $work/root/usr/bin/$name ]] || ln -s "/usr/bin/$name" "$work/root/usr/bin/$name"
done
printf '%s' "$wanted" >"$work/root/.packages"
rm -rf "$sysroot"
mv -T "$work/root" "$sysroot"
