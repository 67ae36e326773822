#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# least_privilege.sh systemd|kubernetes BIN: the capmond in BIN, with exactly the privileges that
# deploy/ gives it, still reports what the sample container needs. Privileges, and for the pod
# mounts and arguments, are read from the files in deploy/.
set -euo pipefail
cd "$(dirname "$0")/../.."

as=$1 bin=$(realpath "$2")
if ((EUID != 0)) || [[ ! -r /sys/kernel/btf/vmlinux ]]; then
  echo "needs root and a kernel with BTF"
  exit 77
fi

scratch=$(mktemp -d /tmp/capmon-least.XXXXXX)
logs=$scratch/logs
mkdir "$logs" "$scratch/run" "$scratch/state" "$scratch/bpf"
chmod 755 "$scratch"
mount -t bpf -o mode=0700 bpf "$scratch/bpf" # as systemd mounts the host's
. deploy/steps.sh
. deploy/sample/container.sh
capmon() { "$bin/capmon" --address "unix://$scratch/run/capmon.sock" "$@"; }

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
  umount "$scratch/bpf" && rm -rf "$scratch"
  exit "$status"
}
trap clean_up EXIT

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
run_as_pod() {
  local here
  mkdir -p "$scratch/pod/rootfs" "$scratch/empty"
  # Kubelet creates missing directories.
  here=$(kubectl kustomize deploy/kubernetes | sed -n 's/^ *path: //p' |
    while read -r path; do [[ ! -e $path ]] || echo "$path"; done)
  kubectl kustomize deploy/kubernetes |
    python3 -c 'import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))' |
    jq --arg bin "$bin" --arg scratch "$scratch" --arg empty "$scratch/empty" --arg here "$here" '
      .[] | select(.kind == "DaemonSet").spec.template.spec
      | (.volumes | map({(.name): (.hostPath.path
          | if IN($here | split("\n")[]) then . else $empty end)}) | add) as $host
      | .containers[0] as $container
      | ($container.securityContext.capabilities.add | map("CAP_" + .)) as $held
      | def bind($from; $to; $mode):
          {source: $from, destination: $to, type: "none", options: ["rbind", $mode]};
      {
        ociVersion: "1.0.2",
        hostname: "pod",
        root: {path: "rootfs", readonly: true},
        process: {
          user: {uid: 0, gid: 0}, cwd: "/", noNewPrivileges: true,
          args: (["/capmon/capmond"] + $container.args),
          capabilities: {bounding: $held, permitted: $held, effective: $held}
        },
        mounts: ([
          {destination: "/proc", type: "proc", source: "proc"},
          {destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]},
          bind($bin; "/capmon"; "ro")
        ] + (["/usr", "/lib", "/lib64"] | map(bind(.; .; "ro")))
          + ($container.volumeMounts | map(
              if .name == "socket" then bind($scratch + "/run"; .mountPath; "rw")
              elif .name == "state" or .name == "bpf"
              then bind($scratch + "/" + .name; .mountPath; "rw")
              else bind($host[.name]; .mountPath; "ro") end))),
        linux: {namespaces: (["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({type: .}))}
      }' >"$scratch/pod/config.json"
  mkfifo "$scratch/pod/stdin"
  exec <>"$scratch/pod/stdin" runc --root "$scratch/runc" run --bundle "$scratch/pod" capmond
}

case $as in
  systemd) run_as_unit ;;
  kubernetes) run_as_pod ;;
  *) fail "usage: least_privilege.sh systemd|kubernetes BIN" ;;
esac </dev/null >"$logs/capmond.log" 2>&1 &
capmond_pid=$!
wait_for 30 capmon status || {
  cat "$logs/capmond.log" >&2
  fail "capmond does not answer when it runs as in deploy/$as."
}

kept=$(capmon status -o json | jq -r '.keeps[].state' | xargs)
[[ $kept == "ok ok" ]] || {
  capmon status >&2
  fail "store and pins do not work when it runs as in deploy/$as."
}

make_rootfs
engine=runc
start_container
wait_for 60 work_is_done || fail "the sample container did not do its work: $(container_output)"
wait_for 15 profile_shows CAP_CHOWN CAP_NET_RAW CAP_SETUID && exit
capmon status >&2
capmon profile "$container" >&2
cat "$logs/capmond.log" >&2
fail "the profile of the sample container does not say what it needs."
