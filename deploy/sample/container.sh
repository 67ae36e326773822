# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by quickstart.sh: builds the sample's root file system and runs it as a real container, with
# a running Docker, else with a private dockerd, else with runc. Needs $scratch (a private directory),
# steps.sh and a function capmon. Sets $engine, $container and $docker_socket.

: "${scratch:?set it to a directory of your own before sourcing this file}" "${logs:?}"

container=capmon-sample
docker_socket=/var/run/docker.sock
dockerd_pid=
runc_pid=

# Finds a static busybox: $CAPMON_BUSYBOX, or that of Debian's busybox-static.
find_busybox() {
  busybox=${CAPMON_BUSYBOX:-$(command -v busybox)} || true
  if [[ ! -x $busybox ]]; then
    echo "there is no busybox: install the package busybox-static" >&2
    return 1
  fi
  # Rejects a program with an interpreter: the sample's container has no libraries, and the kernel
  # would only report "no such file".
  if LC_ALL=C grep -aqE '/ld-(linux|musl)[^ ]*\.so' <(head -c 4096 "$busybox"); then
    echo "$busybox is not static and cannot run in a container without libraries: install the" \
      "package busybox-static, or name a static one in CAPMON_BUSYBOX" >&2
    return 1
  fi
}

make_rootfs() {
  local rootfs=$scratch/bundle/rootfs applet busybox
  find_busybox || return
  mkdir -p "$rootfs"/{bin,dev,etc,proc,srv,sys,tmp}
  chmod 1777 "$rootfs/tmp"
  cp -L "$busybox" "$rootfs/bin/busybox"
  for applet in $("$busybox" --list); do
    [[ $applet == busybox ]] || ln -s busybox "$rootfs/bin/$applet"
  done
  cp deploy/sample/work.sh "$rootfs/work.sh"
  cp deploy/sample/config.json "$scratch/bundle/"
  printf '%s\n' 'root:x:0:0::/:/bin/sh' 'worker:x:1000:1000::/:/bin/sh' >"$rootfs/etc/passwd"
  printf '%s\n' 'root:x:0:' 'worker:x:1000:' >"$rootfs/etc/group"
}

ours() { docker -H "unix://$docker_socket" "$@"; }

# Starts a dockerd that leaves the host alone: own directories, no bridge, no packet filter rules.
start_private_dockerd() {
  docker_socket=$scratch/docker.sock
  dockerd --data-root "$scratch/docker" --exec-root "$scratch/docker-exec" \
    -H "unix://$docker_socket" -p "$scratch/docker.pid" --storage-driver=vfs \
    --iptables=false --ip6tables=false --bridge=none </dev/null >"$logs/dockerd.log" 2>&1 &
  dockerd_pid=$!
  wait_for 60 ours_or_dead && ours info >/dev/null 2>&1
}
ours_or_dead() { ours info || ! kill -0 "$dockerd_pid"; }

# $CAPMON_QUICKSTART_ENGINE (docker, dockerd or runc) overrides the choice.
choose_engine() {
  engine=${CAPMON_QUICKSTART_ENGINE-}
  if [[ -z $engine || $engine == docker ]] && ours info >/dev/null 2>&1; then
    engine=docker
  elif [[ -z $engine || $engine == dockerd ]] && command -v dockerd >/dev/null &&
    start_private_dockerd; then
    engine=dockerd
  elif [[ -z $engine || $engine == runc ]] && command -v runc >/dev/null; then
    engine=runc
  else
    fail "No container could be started: ${engine:-neither Docker nor runc} did not work here."
  fi
}

start_container() {
  if [[ $engine == runc ]]; then
    # Gives it its own pipe and file as standard streams.
    mkfifo "$scratch/stdin"
    runc --root "$scratch/runc" run --bundle "$scratch/bundle" "$container" \
      <>"$scratch/stdin" >"$logs/container.log" 2>&1 &
    runc_pid=$!
  else
    remove_docker_leftovers
    tar -C "$scratch/bundle/rootfs" -c . | ours import - "$container" >/dev/null
    ours run -d -i --network none --name "$container" --label "$container" "$container" \
      /work.sh >/dev/null
  fi
}

container_output() {
  if [[ $engine == runc ]]; then cat "$logs/container.log"; else ours logs "$container" 2>&1; fi
}

work_is_done() { container_output | grep -q '^work done$'; }

# Returns true if the profile recommends to keep each of these.
profile_shows() {
  local profile capability
  profile=$(capmon profile "$container" -o json | tr -d ' \n') || return
  for capability in "$@"; do
    [[ $profile =~ \"keep\":\[[^]]*\"$capability\" ]] || return
  done
}

remove_docker_leftovers() {
  ours ps -aq --filter "label=$container" | xargs -r docker -H "unix://$docker_socket" rm -f
  ours rmi -f "$container" || true
} >/dev/null 2>&1

remove_container() {
  case ${engine-} in
    runc)
      runc --root "$scratch/runc" delete --force "$container" || true
      wait "$runc_pid" || true
      ;;
    docker | dockerd) remove_docker_leftovers ;;
  esac >/dev/null 2>&1
  if [[ -n $dockerd_pid ]]; then
    kill "$dockerd_pid"
    wait "$dockerd_pid" || true
  fi 2>/dev/null
}
