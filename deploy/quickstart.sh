#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Shows what capmon does: builds it, starts it, runs a real container, prints its profile.
# Changes nothing but installed packages and build/quickstart/. CAPMON_BUILD=DIRECTORY uses what was
# built there instead of building, so that the source need not be writable. From any directory.
set -euo pipefail
given_build=${CAPMON_BUILD:+$(realpath -m "$CAPMON_BUILD")}
cd -P "$(dirname "$0")/.."

if ((EUID != 0)); then
  echo "quickstart.sh watches the kernel and starts a container: please run it as root, with sudo." >&2
  exit 1
fi

scratch=$(mktemp -d /tmp/capmon-quickstart.XXXXXX)
logs=$scratch/logs
mkdir "$logs"
. deploy/steps.sh
. deploy/sample/container.sh

build=${given_build:-$PWD/build/quickstart}
capmond_pid=

clean_up() {
  local status=$?
  trap - EXIT
  set +e
  remove_container
  if [[ -n $capmond_pid ]]; then
    kill "$capmond_pid" 2>/dev/null
    wait "$capmond_pid" 2>/dev/null
  fi
  rm -rf "$scratch"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

capmon() { "$build/bin/capmon" --address "unix://$scratch/capmon.sock" "$@"; }

start_capmond() {
  "$build/bin/capmond" --address "unix://$scratch/capmon.sock" --log-level warn \
    --state-dir none --pin-dir none --docker-socket "$docker_socket" </dev/null >"$logs/capmond.log" 2>&1 &
  capmond_pid=$!
  wait_for 30 answers_or_dead && capmon status >/dev/null 2>&1 && return
  cat "$logs/capmond.log" >&2
  fail "capmond did not start; the lines above are what it said."
}
answers_or_dead() { capmon status || ! kill -0 "$capmond_pid"; }

# Uses Docker if it is present or can be installed, else runc.
install_packages() {
  deploy/install-packages.sh build container || return
  deploy/install-packages.sh docker || echo "no Docker to be had: runc alone will do"
}

say "capmon shows which Linux capabilities a container really needs. This script profiles one."
say
step packages "Installing the packages to build capmon" install_packages
[[ -n $given_build ]] ||
  step build "Building capmon (minutes the first time)" \
    configure_and_build quickstart "$build"
step rootfs "Making a small root file system from busybox" make_rootfs
choose_engine
case $engine in
  docker) say "  The running Docker starts the container." ;;
  dockerd) say "  No Docker is running, so a private one was started." ;;
  runc) say "  There is no Docker, so runc starts the container." ;;
esac
start_capmond
say "  capmond watches every capability check the kernel makes."
start_container
wait_for 60 work_is_done || { container_output >&2; fail "The container did not do its work."; }
say "  A container with Docker's 14 default capabilities ran. Its output:"
container_output | sed 's/^/      /'

needed=(CAP_CHOWN CAP_NET_RAW CAP_SETUID)
wait_for 15 profile_shows "${needed[@]}" || true

say
say "\$ capmon list"
capmon list
say
say "\$ capmon profile $container"
capmon profile "$container"
profile_shows "${needed[@]}" ||
  fail "The profile should keep ${needed[*]} and does not: please report this as a bug."
say
say "Done. Everything that was started is stopped again."
say "To keep capmon: see README.md, 'Installation'."
