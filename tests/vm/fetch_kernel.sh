#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fetch_kernel.sh SERIES [ARCHITECTURE]: prints the path of a kernel of that series, fetching it when it is
# not there.
#   series: 5.10 6.1 6.12 6.18 7.3, Debian's builds for virtual machines
#   architecture: amd64 unless given, or arm64
# Nothing is installed. apt works in a state of its own, on the mirror it is set up with, and trusts
# Debian's archive keys alone. Kept: SERIES/vmlinuz and SERIES/version below $CAPMON_KERNEL_CACHE,
# else /var/cache/capmon/kernels, for arm64 in arm64/ there; remove them to have a newer one.
# Exits 77, saying why in one line on standard error, where there is none to be had.
set -euo pipefail

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
series=${1:?which series?}
architecture=${2:-amd64}
cache=${CAPMON_KERNEL_CACHE:-/var/cache/capmon/kernels}
[[ $architecture == amd64 ]] || cache+=/$architecture

unavailable() {
  echo "no kernel $series: $*" >&2
  exit 77
}

case $series in
  5.10) suite=bullseye ;;
  6.1) suite=bookworm ;;
  6.12) suite=bookworm-backports ;;
  6.18 | 7.3) suite=trixie-backports ;;
  *)
    echo "there is no kernel series '$series'; there are: 5.10 6.1 6.12 6.18 7.3" >&2
    exit 2
    ;;
esac

kept=$cache/$series/vmlinuz
if [[ -r $kept ]]; then
  echo "$kept"
  exit 0
fi

# The site of this machine's own Debian main archive: updates and security have the same names elsewhere.
mirror_site() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' 2>/dev/null |
    grep -m 1 '/debian/*$'
}

private_apt() {
  local command=$1
  shift
  "$command" -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Acquire::Languages=none \
    -o "APT::Architecture=$architecture" -o APT::Sandbox::User=root "$@"
}

# The newest of the series. From 7.0 on linux-image-* only depends on linux-binary-*, which has it.
newest_package() {
  local shape="^linux-(image|binary)-${series//./\\.}[.][0-9][^ ]*cloud-$architecture$"
  private_apt apt-cache pkgnames linux- | grep -E "$shape" |
    while read -r name; do
      private_apt apt-cache show --no-all-versions "$name" | sed -n 's/^Version: //p' | head -n 1 |
        sed "s/\$/ $name/"
    done | sort -k 1,1V -k 2,2r | tail -n 1
}

command -v dpkg-deb >/dev/null || unavailable "not Debian"
[[ -r $keyring ]] || unavailable "$keyring is missing"
mirror=$(mirror_site) || unavailable "apt is not set up with a Debian archive"
mkdir -p "$cache" 2>/dev/null || true
[[ -w $cache ]] || unavailable "$cache cannot be written"
work=$(mktemp -d "$cache/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{lists/partial,cache/archives/partial,unpacked,kernel}
echo "deb [arch=$architecture signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
private_apt apt-get update >"$work/log" 2>&1 || unavailable "$suite cannot be had ($(tail -n 1 "$work/log"))"
package=$(newest_package)
[[ -n $package ]] || unavailable "$suite offers none"
(cd "$work" && private_apt apt-get download "${package#* }") >>"$work/log" 2>&1 ||
  unavailable "${package#* } cannot be had ($(tail -n 1 "$work/log"))"
dpkg-deb --extract "$work"/*.deb "$work/unpacked"
find "$work/unpacked" -name 'vmlinuz*' -type f -exec mv {} "$work/kernel/vmlinuz" \;
[[ -r $work/kernel/vmlinuz ]] || unavailable "${package#* } contains no kernel"
echo "${package#* } ${package% *}" >"$work/kernel/version"
# A parallel run may have been faster; it fetched the same.
mv -T "$work/kernel" "$cache/$series" 2>/dev/null || [[ -r $kept ]]
echo "$kept"
