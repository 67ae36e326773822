#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# build_image.sh IMAGE BIN-DIRECTORY [PROGRAM...]: the root file system of the virtual machines, as the kernel
# unpacks it into memory: busybox, the container runtimes, everything in BIN-DIRECTORY that live tests
# are made of, or these programs of it, and the libraries they need. One image serves every kernel.
# What tests are made of is in /capmon/bin, whatever BIN-DIRECTORY is called: that may lie below a
# directory which the machine mounts something over, such as /tmp. The machine's first process mounts
# it where /capmon/place says, as programs know each other by the paths they were built with.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
image=$(realpath -m "$1")
bin=$(realpath "$2")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

chmod 755 "$root"
mkdir -p "$root"/{bin,dev,etc,mnt,proc,root,run,sys,tmp,usr/bin,usr/sbin,var/{lib,run}}
install -m 755 "$here/init" "$root/init"
install -m 755 "$(command -v busybox)" "$root/bin/busybox"
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534::/:/bin/sh' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
echo '127.0.0.1 localhost' >"$root/etc/hosts" # containerd copies both for pods of the host's network
: >"$root/etc/resolv.conf"

mkdir -p "$root/capmon/bin"
printf '%s\n' "$bin" >"$root/capmon/place"
ours=("$bin"/{capmond,capmon,needs,trigger,storm,walker} "$bin"/live_*_test)
(($# == 2)) || ours=("${@:3}") # paths
for program in "${ours[@]}"; do
  strip -o "$root/capmon/bin/$(basename "$program")" "$program"
done
programs=()
# busybox's setpriv knows no bounding set.
for other in runc containerd containerd-shim-runc-v2 ctr dockerd docker setpriv; do
  programs+=("$(command -v "$other")")
done
for program in "${programs[@]}"; do
  mkdir -p "$root$(dirname "$program")"
  strip -o "$root$program" "$program"
done
mapfile -t libraries < <(ldd "${ours[@]}" "${programs[@]}" 2>/dev/null | grep -oP '(=> |^\t)\K/[^ ]+' | sort -u)
for library in "${libraries[@]}"; do
  install -D -m 755 "$library" "$root$library"
done
(cd "$root" && find . | LC_ALL=C sort | cpio --create --format newc --quiet --owner 0:0) >"$image"
