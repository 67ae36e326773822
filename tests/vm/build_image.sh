#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# build_image.sh IMAGE BIN-DIRECTORY [PROGRAM...]: the root file system of the virtual machines, as the kernel
# unpacks it into memory: busybox, the container runtimes, everything in BIN-DIRECTORY that live tests
# are made of, or these programs of it, and the libraries they need. One image serves every kernel.
# What tests are made of is in /capmon/bin, whatever BIN-DIRECTORY is called: that may lie below a
# directory which the machine mounts something over, such as /tmp. The machine's first process mounts
# it where /capmon/place says, as programs know each other by the paths they were built with.
# $CAPMON_SYSROOT, what cmake/arm64_sysroot.sh made: for arm64, with the programs that are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sysroot=${CAPMON_SYSROOT-}
tools=${sysroot:+aarch64-linux-gnu-}
image=$(realpath -m "$1")
bin=$(realpath "$2")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# found NAME: the program of that name, of this machine or of the sysroot.
found() {
  if [[ -z $sysroot ]]; then command -v "$1"; else find "$sysroot"/usr/{bin,sbin}/"$1" -type f 2>/dev/null; fi
}
# needed PROGRAM...: the libraries they load; a static program loads none, which is no failure.
needed() {
  local program
  for program in "$@"; do
    if [[ -z $sysroot ]]; then
      ldd "$program" || true
    else
      qemu-aarch64-static -L "$sysroot" "$sysroot/lib/ld-linux-aarch64.so.1" --list "$program" || true
    fi
  done 2>/dev/null | grep -oP '(=> |^\t)\K/[^ ]+' | sort -u
}

chmod 755 "$root"
mkdir -p "$root"/{bin,dev,etc,mnt,proc,root,run,sys,tmp,usr/bin,usr/sbin,var/{lib,run}}
install -m 755 "$here/init" "$root/init"
install -m 755 "$(found busybox)" "$root/bin/busybox"
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534::/:/bin/sh' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
echo '127.0.0.1 localhost' >"$root/etc/hosts" # containerd copies both for pods of the host's network
: >"$root/etc/resolv.conf"

mkdir -p "$root/capmon/bin"
printf '%s\n' "$bin" >"$root/capmon/place"
ours=("$bin"/{capmond,capmon,needs,trigger,storm,walker} "$bin"/live_*_test)
(($# == 2)) || ours=("${@:3}") # paths
for program in "${ours[@]}"; do
  "${tools}strip" -o "$root/capmon/bin/$(basename "$program")" "$program"
done
# busybox's setpriv knows no bounding set.
mapfile -t programs < <(for other in runc containerd containerd-shim-runc-v2 ctr dockerd docker setpriv; do
  found "$other"
done)
for program in "${programs[@]}"; do
  mkdir -p "$root$(dirname "${program#"$sysroot"}")"
  "${tools}strip" -o "$root${program#"$sysroot"}" "$program"
done
mapfile -t libraries < <(needed "${ours[@]}" "${programs[@]}")
for library in "${libraries[@]#"$sysroot"}"; do
  install -D -m 755 "$sysroot$library" "$root$library"
done
(cd "$root" && find . | LC_ALL=C sort | cpio --create --format newc --quiet --owner 0:0) >"$image"
