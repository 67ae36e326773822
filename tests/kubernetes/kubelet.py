# SPDX-License-Identifier: Apache-2.0
"""A node: containerd with its CRI service, and what kubelet makes of a pod there. The node's directories are below
one of the test, but /proc and the cgroups; its network is one of the test. Its mount namespace is the first one, in
which capmond knows runtimes."""
import base64
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

from capmond import eventually
from debian import BUILD

NAME = "node-1"
CLONE_NEWNET, PR_SET_CHILD_SUBREAPER = 0x40000000, 36
SHARED = ("/proc", "/sys/fs/cgroup")  # with the machine
CONFIG = """version = 2
root = "{work}/root"
state = "{state}"
[grpc]
  address = "{work}/c.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "{work}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "docker.io/library/{pause}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{work}/cni"
"""
# What kubelet gives every container.
MASKED = ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
PROPAGATION = {None: 0, "None": 0, "HostToContainer": 1, "Bidirectional": 2}
POD, CONTAINER = 0, 1  # whose namespace


def run(*command, **more):
    return subprocess.run([*map(str, command)], check=True, **{"stdin": subprocess.DEVNULL, **more})


def enter():
    """This process and its children have a network of their own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 or libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")


def quantity(text):
    number, unit = re.fullmatch(r"(\d+)(m|[KMG]i)?", str(text)).groups()
    return int(number) * {None: 1000, "m": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}[unit]


class Pod:
    def __init__(self, sandbox, uid, config, address):
        self.sandbox, self.uid, self.config, self.address = sandbox, uid, config, address


class Node:
    """Runs during the `with` block, with containerd's state in `state`."""

    def __init__(self, work, archive, state, pause):
        self.work, self.root, self.archive, self.pods, self.number = work, work / "node", archive, [], 0
        self.socket = work / "c.sock"
        (work / "cni").mkdir(exist_ok=True)
        (work / "cni/10-pods.conflist").write_text(json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [
            {"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.213.77.0/24", "dataDir": str(work / "ipam")}}]}))
        (work / "config.toml").write_text(CONFIG.format(work=work, state=self.path(state), pause=pause))

    def path(self, name):
        """Where a directory of the node is."""
        return pathlib.Path(name) if name in SHARED else self.root / name.lstrip("/")

    def __enter__(self):
        bpf = self.path("/sys/fs/bpf")
        bpf.mkdir(parents=True)
        run("mount", "--bind", self.root, self.root)
        run("mount", "--make-rshared", self.root)  # as systemd does with /
        run("mount", "-t", "bpf", "-o", "mode=0700", "bpf", bpf)
        with (self.work / "containerd.log").open("w") as log:
            self.containerd = subprocess.Popen(["containerd", "-c", self.work / "config.toml"], stdout=log, stderr=log,
                                               stdin=subprocess.DEVNULL)
        try:
            if not eventually(lambda: self.ctr("plugins", "ls", check=False).returncode == 0):
                raise RuntimeError((self.work / "containerd.log").read_text()[-3000:])
            if not self.ctr("images", "ls", "-q").stdout:
                self.ctr("images", "import", self.archive)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for pod in list(self.pods):
            self.remove(pod)
        self.containerd.terminate()
        self.containerd.wait()
        for child in pathlib.Path("/proc/self/task").glob("*/children"):  # shims that were left behind
            for process in child.read_text().split():
                os.kill(int(process), signal.SIGKILL)
                os.waitpid(int(process), 0)
        run("umount", "--recursive", self.root)
        shutil.rmtree(self.root)

    def ctr(self, *arguments, check=True):
        return subprocess.run(["ctr", "-a", self.socket, "-n", "k8s.io", *map(str, arguments)], check=check,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def call(self, method, **request):
        done = subprocess.run([BUILD / "bin/cri", self.socket, method], input=json.dumps(request), text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def start_pod(self, metadata, spec):
        """The pod without its containers."""
        self.number += 1
        uid = f"6f1c2a3b-4d5e-6f70-8192-{self.number:012x}"
        logs = self.path(f"/var/log/pods/{metadata['namespace']}_{metadata['name']}_{uid}")
        shared = {name: {True: 2, None: default}[spec.get(field)] for name, field, default in (
            ("network", "hostNetwork", POD), ("pid", "hostPID", CONTAINER), ("ipc", "hostIPC", POD))}
        config = {
            "metadata": {"name": metadata["name"], "uid": uid, "namespace": metadata["namespace"]},
            "hostname": metadata["name"], "log_directory": str(logs), "annotations": metadata.get("annotations", {}),
            "labels": {**metadata.get("labels", {}), "io.kubernetes.pod.name": metadata["name"],
                       "io.kubernetes.pod.namespace": metadata["namespace"], "io.kubernetes.pod.uid": uid},
            "linux": {"cgroup_parent": f"/kubepods/burstable/pod{uid}",
                      "security_context": {"namespace_options": shared, "seccomp": {"profile_type": 0}}}}
        sandbox = self.call("RunPodSandbox", config=config)["podSandboxId"]
        pod = Pod(sandbox, uid, config, None)
        self.pods.append(pod)
        pod.address = self.call("PodSandboxStatus", pod_sandbox_id=sandbox)["status"]["network"]["ip"]
        return pod

    def start(self, pod, spec, container, objects=(), attempt=0):
        """A container of the pod; returns its id."""
        config = self.container_config(pod, spec, container, objects, attempt)
        container_id = self.call("CreateContainer", pod_sandbox_id=pod.sandbox, sandbox_config=pod.config,
                                 config=config)["containerId"]
        self.call("StartContainer", container_id=container_id)
        return container_id

    def container_config(self, pod, spec, container, objects, attempt):
        facts = {"spec.nodeName": NAME, "status.podIP": pod.address}
        env = {one["name"]: one["value"] if "value" in one else facts[one["valueFrom"]["fieldRef"]["fieldPath"]]
               for one in container.get("env", [])}
        security, resources = container.get("securityContext", {}), container.get("resources", {})
        requests, limits = resources.get("requests", {}), resources.get("limits", {})
        granted = security.get("capabilities", {})
        linux = {
            "namespace_options": pod.config["linux"]["security_context"]["namespace_options"],
            "capabilities": {"add_capabilities": granted.get("add", []), "drop_capabilities": granted.get("drop", [])},
            "readonly_rootfs": security.get("readOnlyRootFilesystem", False),
            "no_new_privs": not security.get("allowPrivilegeEscalation", True),
            "seccomp": {"profile_type": {"RuntimeDefault": 0, None: 1}[security.get("seccompProfile", {}).get("type")]},
            "masked_paths": MASKED, "readonly_paths": READ_ONLY}
        for field, name in (("runAsUser", "run_as_user"), ("runAsGroup", "run_as_group")):
            if field in security:
                linux[name] = {"value": security[field]}
        if "seLinuxOptions" in security:
            linux["selinux_options"] = security["seLinuxOptions"]
        return {
            "metadata": {"name": container["name"], "attempt": attempt},
            "image": {"image": f"docker.io/library/{container['image']}"},
            "command": container.get("command", []),
            "args": [re.sub(r"\$\((\w+)\)", lambda found: env[found[1]], word) for word in container.get("args", [])],
            "envs": [{"key": key, "value": value} for key, value in env.items()],
            "mounts": [*self.mounts(spec, container, objects), *self.files(pod, container)],
            "log_path": f"{container['name']}-{attempt}.log",
            "annotations": {"io.kubernetes.container.restartCount": str(attempt)},
            "labels": {"io.kubernetes.container.name": container["name"],
                       "io.kubernetes.pod.name": pod.config["metadata"]["name"],
                       "io.kubernetes.pod.namespace": pod.config["metadata"]["namespace"],
                       "io.kubernetes.pod.uid": pod.uid},
            "linux": {"security_context": linux, "resources": {
                "cpu_shares": quantity(requests.get("cpu", "0m")) * 1024 // 1000 or 2, "oom_score_adj": 900,
                "memory_limit_in_bytes": quantity(limits["memory"]) if limits else 0}}}

    def mounts(self, spec, container, objects):
        volumes = {one["name"]: one for one in spec.get("volumes", [])}
        for mount in container.get("volumeMounts", []):
            volume = volumes[mount["name"]]
            if "hostPath" in volume:
                path = self.path(volume["hostPath"]["path"])
                if volume["hostPath"]["type"] == "DirectoryOrCreate":
                    path.mkdir(mode=0o755, parents=True, exist_ok=True)
                assert path.is_dir(), path
            else:
                kind, name = (("ConfigMap", volume["configMap"]["name"]) if "configMap" in volume
                              else ("Secret", volume["secret"]["secretName"]))
                path = self.path(f"/var/lib/kubelet/{kind}-{name}")
                path.mkdir(parents=True, exist_ok=True)
                made = next(one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
                for file, content in (made.get("data") or made["stringData"]).items():
                    (path / file).write_text(content)
            yield {"host_path": str(path), "container_path": mount["mountPath"],
                   "readonly": mount.get("readOnly", False), "propagation": PROPAGATION[mount.get("mountPropagation")]}

    def files(self, pod, container):
        """Those that kubelet puts into every container."""
        directory = self.path(f"/var/lib/kubelet/pods/{pod.uid}/{container['name']}")
        directory.mkdir(parents=True, exist_ok=True)
        for name, path in (("hosts", "/etc/hosts"), ("termination-log", "/dev/termination-log")):
            (directory / name).write_text("")
            yield {"host_path": str(directory / name), "container_path": path}

    def remove(self, pod):
        self.call("StopPodSandbox", pod_sandbox_id=pod.sandbox)
        self.call("RemovePodSandbox", pod_sandbox_id=pod.sandbox)
        self.pods.remove(pod)
        for tree in {*pathlib.Path("/sys/fs/cgroup").glob("*/kubepods"), pathlib.Path("/sys/fs/cgroup/kubepods")}:
            for directory in (tree / f"burstable/pod{pod.uid}", tree / "burstable", tree):
                if directory.is_dir() and not any(one.is_dir() for one in directory.iterdir()):
                    directory.rmdir()

    def stop(self, container_id, seconds):
        self.call("StopContainer", container_id=container_id, timeout=seconds)

    def status(self, container_id):
        """(1: running, 2: exited; exit code; process)."""
        found = self.call("ContainerStatus", container_id=container_id, verbose=True)
        status = found["status"]
        return status.get("state", 0), status.get("exitCode", 0), json.loads(found["info"]["info"])["pid"]

    def exec(self, container_id, *command, seconds=30):
        """As kubelet executes a probe: (exit code, standard output, standard error)."""
        done = self.call("ExecSync", container_id=container_id, cmd=command, timeout=seconds)
        return (done.get("exitCode", 0), *(base64.b64decode(done.get(name, "")).decode() for name in ("stdout", "stderr")))

    def log(self, pod, name):
        return (pathlib.Path(pod.config["log_directory"]) / name).read_text()


def available():
    return all(map(shutil.which, ("containerd", "ctr", "runc", "dockerd", "ip"))) and pathlib.Path("/usr/lib/cni/ptp").exists()
