#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The one list of Debian 12 packages. Installs the given sets; does nothing if they are installed.
#   install-packages.sh [--list] SET...      sets: build packages runtime container docker test bench arm64
# "package:command" is not installed if that command exists already, from any package.
set -euo pipefail

declare -A packages=(
  [build]="cmake ninja-build g++ clang llvm bpftool pkg-config linux-libc-dev
    libbpf-dev libelf-dev zlib1g-dev libcap-dev libseccomp-dev
    protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libgrpc++-dev libabsl-dev
    libspdlog-dev libcli11-dev nlohmann-json3-dev libyaml-cpp-dev libcurl4-openssl-dev libssl-dev
    libsqlite3-dev librdkafka-dev libncurses-dev prometheus-cpp-dev libmicrohttpd-dev scdoc"
  [packages]="dpkg-dev lintian rpm"
  [runtime]="libbpf1 libcap2 libseccomp2 libgrpc++1.51 libssl3 libprotobuf32 libspdlog1.10 libyaml-cpp0.7
    libcurl4 libsqlite3-0 librdkafka1 zlib1g libncursesw6 libprometheus-cpp-core1.0 libmicrohttpd12"
  [container]="busybox-static runc:runc"
  [docker]="docker.io:dockerd containerd:containerd"
  [test]="libgtest-dev libgmock-dev libbenchmark-dev libcap2-bin iputils-ping:ping clang-format clang-tidy libclang-rt-14-dev
    shellcheck jq curl:curl iproute2:ip python3 python3-yaml debootstrap cpio qemu-system-x86 gpgv systemd kubernetes-client:kubectl
    nginx:nginx openssh-server:sshd postgresql redis-server:redis-server zsh fish tmux chromium
    fonts-liberation apparmor docker-compose:docker-compose
    podman:podman containernetworking-plugins python3-jsonschema nodejs:node npm:npm
    openssl rsyslog rsyslog-openssl prometheus-alertmanager prometheus"
  [bench]="wrk"
  [arm64]="g++-aarch64-linux-gnu qemu-user-static:qemu-aarch64-static qemu-system-arm:qemu-system-aarch64"
)

list_only=no
if [[ ${1-} == --list ]]; then
  list_only=yes
  shift
fi
if (($# == 0)); then
  echo "usage: install-packages.sh [--list] SET...   sets: ${!packages[*]}" >&2
  exit 2
fi

wanted=()
for set in "$@"; do
  if [[ -z ${packages[$set]-} ]]; then
    echo "no package set is called '$set'; there are: ${!packages[*]}" >&2
    exit 2
  fi
  for entry in ${packages[$set]}; do
    if [[ $list_only == yes ]]; then
      echo "${entry%%:*}"
    elif [[ $entry != *:* ]] || ! command -v "${entry#*:}" >/dev/null; then
      wanted+=("${entry%%:*}")
    fi
  done
done
[[ $list_only == no ]] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "This is not a Debian system. Please install what corresponds to: ${wanted[*]}" >&2
  exit 1
fi
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qx "$package installed" <<<"$installed" || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

# Keeps apt from starting servers: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [[ " $* " == *" test "* && ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "some package lists could not be refreshed; trying with those there are"
apt-get install -qq -y --no-install-recommends "${missing[@]}"
