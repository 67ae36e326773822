#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# least_privilege.sh systemd|kubernetes BIN: the capmond in BIN, with exactly the privileges that deploy/
# gives it, still reports what the sample container needs. Privileges, and for the pod mounts, arguments and
# probes, are read from the files in deploy/. `kubernetes` runs the pod under runc alone;
# tests/kubernetes/pod.py has it under containerd's CRI service, as kubelet does.
set -euo pipefail
cd "$(dirname "$0")/../.."

as=$1 bin=$(realpath "$2")
if ((EUID != 0)) || [[ ! -r /sys/kernel/btf/vmlinux ]]; then
  echo "needs root and a kernel with BTF"
  exit 77
fi

scratch=$(mktemp -d /tmp/capmon-least.XXXXXX)
logs=$scratch/logs
mkdir "$logs" "$scratch/run" "$scratch/state" "$scratch/bpf" "$scratch/bundles" "$scratch/empty"
chmod 755 "$scratch"
mount -t bpf -o mode=0700 bpf "$scratch/bpf" # as systemd mounts the host's
. deploy/steps.sh
. deploy/sample/container.sh
capmon() { "$bin/capmon" --address "unix://$scratch/run/capmon.sock" "$@"; }

disk=$scratch/bundles/containerd/ended
earlier=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n') # a container that is older than capmond
earlier_pid=
capmond_pid=
clean_up() {
  local status=$?
  set +e
  remove_container
  [[ $as != kubernetes ]] || runc --root "$scratch/runc" delete --force capmond >/dev/null 2>&1
  if [[ -n $capmond_pid ]]; then
    kill "$capmond_pid" 2>/dev/null
    wait "$capmond_pid" 2>/dev/null
  fi
  [[ -z $earlier_pid ]] || kill "$earlier_pid" && wait "$earlier_pid" 2>/dev/null
  for tree in "${trees[@]}"; do
    rmdir "$tree/docker/$earlier"
    rmdir "$tree/docker" 2>/dev/null
  done
  ! mountpoint -q "$disk" || umount "$disk"
  ! mountpoint -q "$scratch/bundles" || umount "$scratch/bundles"
  umount "$scratch/bpf" && rm -rf "$scratch"
  exit "$status"
}
trap clean_up EXIT

# In the hierarchies by which capmond may know containers.
trees=()
start_earlier() {
  local tree
  sleep 1000 >/dev/null 2>&1 &
  earlier_pid=$!
  for tree in /sys/fs/cgroup{,/unified,/pids}; do
    [[ $(stat -f -c %T "$tree" 2>/dev/null) == cgroup* ]] || continue
    trees+=("$tree")
    mkdir -p "$tree/docker/$earlier"
    echo $earlier_pid >"$tree/docker/$earlier/cgroup.procs"
  done
}
start_earlier

# The unit: a user without a name, three capabilities, no way to gain more.
run_as_unit() {
  local names sets
  names=$(sed -n 's/^AmbientCapabilities=//p' deploy/systemd/capmond.service.in)
  sets="-all,$(tr 'A-Z ' 'a-z,' <<<"${names//CAP_/+}")"
  chown 65534:65534 "$scratch/run" "$scratch/state"
  install -d -m 700 -o 65534 -g 65534 "$scratch/bpf/capmon"
  exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps="$sets" \
    --ambient-caps="$sets" --bounding-set="$sets" \
    "$bin/capmond" --address "unix://$scratch/run/capmon.sock" --log-level warn \
    --state-dir "$scratch/state" --pin-dir "$scratch/bpf/capmon"
}

# The pod: the host's programs and libraries as a read-only root; the rest comes from the DaemonSet.
#   pod PROGRAM [ARGUMENT]: what a jq program makes of its container, with the mounts and the
#   arguments, to which one may be added. $pins is rw, or ro for pins that are denied.
pins=rw
pod() {
  local program=$1 here
  mkdir -p "$scratch/pod/rootfs" "$scratch/bpf/capmon"
  # Kubelet creates missing directories.
  here=$(sed -n 's/^ *path: //p' "$scratch/rendered" |
    while read -r path; do [[ ! -e $path ]] || echo "$path"; done)
  jq --arg bin "$bin" --arg scratch "$scratch" --arg here "$here" --arg pins "$pins" \
    --arg added "${2-}" '
    .spec.template.spec
    | ({socket: "run", state: "state", pins: "bpf/capmon", "containerd-bundles": "bundles/containerd",
        "crio-bundles": "bundles/crio"}
       | map_values($scratch + "/" + .)) as $ours
    | ((.volumes | map({(.name): (.hostPath.path
        | if IN($here | split("\n")[]) then . else $scratch + "/empty" end)}) | add) + $ours) as $host
    | .containers[0]
    | (.args + [$added | select(. != "")] | map(gsub("\\$\\(NODE_NAME\\)"; "node-1"))) as $args
    | ([{from: $bin, to: "/capmon", readonly: true}]
       + (["/usr", "/lib", "/lib64"] | map({from: ., to: ., readonly: true}))
       + (.volumeMounts | map({from: $host[.name], to: .mountPath, slave: (.mountPropagation == "HostToContainer"),
                               readonly: (.readOnly == true or (.name == "pins" and $pins == "ro"))}))) as $mounts
    | '"$program" "$scratch/daemonset"
}

# As runc wants it. Like containerd, it mounts the pod's own cgroup at the usual place.
bundle() {
  pod '(.securityContext.capabilities.add | map("CAP_" + .)) as $held
    | {
      ociVersion: "1.0.2",
      hostname: "pod",
      root: {path: "rootfs", readonly: true},
      process: {
        user: {uid: 0, gid: 0}, cwd: "/", noNewPrivileges: true,
        args: (["/capmon/capmond"] + $args),
        env: [.env[] | select(.value) | .name + "=" + .value],
        capabilities: {bounding: $held, permitted: $held, effective: $held}
      },
      mounts: ([
        {destination: "/proc", type: "proc", source: "proc"},
        {destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]},
        {destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
         options: ["nosuid", "noexec", "nodev", "relatime", "ro"]}
      ] + ($mounts | map({source: .from, destination: .to, type: "none", options: ["rbind",
          if .readonly then "ro" else "rw" end, if .slave then "rslave" else "rprivate" end]}))),
      linux: {namespaces: (["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({type: .}))}
    }' "$@" >"$scratch/pod/config.json"
}

run_as_pod() {
  exec <>"$scratch/pod/stdin" runc --root "$scratch/runc" run --bundle "$scratch/pod" capmond
}
in_pod() { runc --root "$scratch/runc" exec capmond "$@" </dev/null; }
end_pod() {
  runc --root "$scratch/runc" kill capmond TERM
  wait "$capmond_pid"
}

# probe NAME: what kubelet executes for it.
probe() {
  local command
  mapfile -t command < <(jq -r --arg name "$1" '
    .spec.template.spec.containers[0] | .[$name].exec.command[]' "$scratch/daemonset")
  [[ ${command[0]} == /usr/local/bin/capmon ]] || return 1
  in_pod /usr/bin/env CAPMON_ADDRESS=unix:///run/capmon/capmon.sock /capmon/capmon "${command[@]:1}"
}

if [[ $as != systemd ]]; then
  . tests/kubernetes/tools.sh
  kubernetes_tools "$bin/../kubernetes-tools"
  $kubectl kustomize deploy/kubernetes >"$scratch/rendered"
  python3 -c 'import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))' \
    <"$scratch/rendered" | jq '.[] | select(.kind == "DaemonSet")' >"$scratch/daemonset"
  mkdir "$scratch/pod"
  mkfifo "$scratch/pod/stdin"
  # As /run of a node, with a container's disk, which ends while the pod runs.
  mount --bind "$scratch/bundles" "$scratch/bundles"
  mount --make-shared "$scratch/bundles"
  mkdir -p "$disk" "$scratch/bundles/crio"
  mount -t tmpfs disk "$disk"
fi

start_capmond() {
  case $as in
    systemd) run_as_unit ;;
    kubernetes)
      bundle
      run_as_pod
      ;;
    *) fail "usage: least_privilege.sh systemd|kubernetes BIN" ;;
  esac </dev/null >>"$logs/capmond.log" 2>"$logs/stderr" &
  capmond_pid=$!
  wait_for 60 capmon status || {
    cat "$logs/capmond.log" "$logs/stderr" >&2
    fail "capmond does not answer when it runs as in deploy/$as."
  }
}
start_capmond

kept=$(capmon status -o json | jq -r '.keeps[].state' | xargs)
[[ $kept == "ok ok" ]] || {
  capmon status >&2
  fail "store and pins do not work when it runs as in deploy/$as."
}
[[ $(capmon list --instances --all -o json) == *"$earlier"* ]] ||
  fail "capmond does not know a container that is older than itself when it runs as in deploy/$as."
if [[ $as != systemd ]]; then
  [[ $(capmon status -o json | jq -r .node) == node-1 ]] || fail "the pod does not name its node."
  for name in startupProbe livenessProbe readinessProbe; do
    probe $name >"$logs/$name" 2>&1 || fail "the $name fails: $(cat "$logs/$name")"
  done
  in_pod /usr/bin/cat /proc/self/mountinfo | grep -q /ended || fail "the pod does not see a container's disk."
  umount "$disk"
  ! in_pod /usr/bin/cat /proc/self/mountinfo | grep /ended || fail "the pod keeps the disk of a container that ended."
fi

make_rootfs
engine=runc
start_container
wait_for 60 work_is_done || fail "the sample container did not do its work: $(container_output)"
wait_for 15 profile_shows CAP_CHOWN CAP_NET_RAW CAP_SETUID || {
  capmon status >&2
  capmon profile "$container" >&2
  cat "$logs/capmond.log" "$logs/stderr" >&2
  fail "the profile of the sample container does not say what it needs."
}
[[ $as == kubernetes ]] || exit 0

# The next pod goes on with what this one knew, and with its programs.
end_pod || fail "the pod does not end well: $(tail -n 3 "$logs/stderr")"
counting=$(ls "$scratch/bpf/capmon")
start_capmond
profile_shows CAP_CHOWN CAP_NET_RAW CAP_SETUID || fail "the profile is lost when the pod is replaced."
[[ -n $counting && $(ls "$scratch/bpf/capmon") == "$counting" ]] || fail "the next pod does not adopt the pins."

# As components/uninstall does: nothing is left but the directories that are mounted.
end_pod || fail "the pod does not end well: $(tail -n 3 "$logs/stderr")"
bundle --uninstall
run_as_pod >"$logs/uninstall" 2>&1 &
capmond_pid=$!
wait $capmond_pid || fail "capmond --uninstall fails in the pod: $(cat "$logs/uninstall")"
left=$(find "$scratch/bpf/capmon" "$scratch/state" "$scratch/run" -mindepth 1)
[[ -z $left ]] || fail "capmond --uninstall leaves $left"

# Pins that are denied cost what they cost, and no more: capmond says so and serves.
pins=ro
start_capmond
said=$(capmon status -o json | jq -r '.keeps[] | select(.name == "pins") | .state + " " + .detail')
[[ $said == "failing "*"are not counted while capmond is stopped" ]] ||
  fail "capmond does not say that pins are denied: $said"
probe readinessProbe >"$logs/readiness" || fail "the pod without pins is not ready: $(cat "$logs/readiness")"
