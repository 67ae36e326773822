#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The image of the Dockerfile, in the pod that the chart renders, under containerd as kubelet calls it: beside an
ordinary pod, which it profiles; with the privileges that docs/kubernetes.md states and no others; and after it is
replaced nothing is lost. For every distribution whose pod differs."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parents[1] / "tests/packages")]
import debian  # noqa: E402, the paths of the others
from capmond import eventually, run_all  # noqa: E402
from debian import SKIPPED, SOURCE  # noqa: E402
import image  # noqa: E402
import kubelet  # noqa: E402
import yaml  # noqa: E402

WORK = pathlib.Path(tempfile.mkdtemp(prefix="capmon-pod."))
CHART = SOURCE / "deploy/helm/capmon"
WEB = {"namespace": "shop", "name": "web-6d9f7c5b8-x2x7k", "labels": {"pod-template-hash": "6d9f7c5b8", "app": "web"}}
# Three checks of CAP_CHOWN a turn: one to give the file away, two to take it from another, since busybox names
# owner and group.
LOOP = """busybox touch /file; made=0
while [ ! -e /stop ]; do
  busybox chown 1 /file && busybox chown 0 /file && made=$((made + 3)); echo $made >/made
done
echo made $made"""
DOCUMENT = (SOURCE / "docs/kubernetes.md").read_text()


def row(start):
    """What docs/kubernetes.md states: the words in code of a row of its table."""
    (found,) = re.findall(rf"^\| ({start}.*?) \|", DOCUMENT, re.MULTILINE)
    return re.findall(r"`([^`]+)`", found)


def helm(*options):
    tools = f'. "{HERE}/tools.sh" && kubernetes_tools "{debian.BUILD}/kubernetes-tools" && exec "$helm" "$@"'
    done = subprocess.run(["bash", "-c", tools, "helm", "template", "capmon", CHART, "--namespace", "capmon", "--set",
                           "image.repository=capmon,image.tag=test", *options], stdout=subprocess.PIPE, check=True)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


class Capmond:
    """capmond's pod as the chart renders it, on a node."""

    def __init__(self, node, objects, number="a"):
        (daemon_set,) = [one for one in objects if one["kind"] == "DaemonSet"]
        template = daemon_set["spec"]["template"]
        self.node, self.objects, self.spec = node, objects, template["spec"]
        (self.container,) = self.spec["containers"]
        metadata = {**template["metadata"], "namespace": "capmon", "name": f"capmond-{number * 5}"}
        self.pod = node.start_pod(metadata, self.spec)
        self.attempt = 0
        self.start()

    def start(self):
        self.id = self.node.start(self.pod, self.spec, self.container, self.objects, self.attempt)
        assert eventually(lambda: self.node.status(self.id)[0] == 2 or self.probe("startupProbe")[0] == 0), self.log()
        assert self.node.status(self.id)[0] == 1, self.log()

    def log(self):
        return self.node.log(self.pod, f"capmond-{self.attempt}.log")

    def probe(self, name):
        probe = self.container[name]
        return self.node.exec(self.id, *probe["exec"]["command"], seconds=probe["timeoutSeconds"])

    def restart(self, meanwhile):
        """The container ends, and another takes its place in the pod."""
        self.node.stop(self.id, 30)
        assert self.node.status(self.id)[:2] == (2, 0), self.log()
        meanwhile()
        self.attempt += 1
        self.start()

    def capmon(self, *arguments):
        """As `kubectl exec` has it, and the plugin."""
        code, out, err = self.node.exec(self.id, "capmon", *arguments)
        assert code == 0, f"capmon {' '.join(arguments)}: {code}: {out}{err}"
        return out

    def profile(self):
        return json.loads(self.capmon("profile", "shop/deploy/web", "-o", "json"))


class Web:
    """An ordinary pod, with what containerd grants by default."""

    def __init__(self, node):
        self.node, self.container = node, {"name": "web", "image": image.WORK, "command": ["/bin/sh", "-c", LOOP]}
        self.pod = node.start_pod(WEB, {})
        self.id = node.start(self.pod, {}, self.container)

    def made(self):
        return int(self.node.exec(self.id, "busybox", "cat", "/made")[1] or 0)

    def works_on(self):
        was = self.made()
        assert eventually(lambda: self.made() > was + 20)

    def end(self):
        self.node.exec(self.id, "busybox", "touch", "/stop")
        assert eventually(lambda: self.node.status(self.id)[0] == 2)
        return int(re.search(r"made (\d+)", self.node.log(self.pod, "web-0.log"))[1])


def chown(profile):
    return next(one for one in profile["capabilities"] if one["capability"] == "CAP_CHOWN")


def counted(profile):
    """Checks counted, and those that may be missing: a kernel that preempts programs skips some, and says so."""
    return int(chown(profile)["count"]), int(profile["confidence"]["losses"].get("recursion", 0))


def is_right(profile):
    recommendation = profile["recommendation"]
    return recommendation["keep"] == ["CAP_CHOWN"] and {"CAP_NET_RAW", "CAP_SETUID"} <= set(recommendation["remove"])


def mask(names):
    header = pathlib.Path("/usr/include/linux/capability.h").read_text()
    return sum(1 << int(re.search(rf"^#define CAP_{name}\s+(\d+)$", header, re.MULTILINE)[1]) for name in names)


def processes(pid):
    """All of the container, as kernel files have them."""
    tree = next(line.split(":")[2] for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().split()
                if "pids" in line or line.startswith("0::/kubepods"))
    (found,) = [one for one in (*pathlib.Path("/sys/fs/cgroup").glob(f"pids{tree}/cgroup.procs"),
                                *pathlib.Path("/sys/fs/cgroup").glob(f"{tree[1:]}/cgroup.procs"))]
    return [pathlib.Path("/proc") / process for process in found.read_text().split()]


def privileges_are_as_stated(capmond):
    allowed = mask(row("user 0, all capabilities dropped but"))
    pid = capmond.node.status(capmond.id)[2]
    everyone = processes(pid)
    assert len(everyone) >= 3, everyone  # it, and those that read files
    for process in everyone:
        status = dict(re.findall(r"^(\w+):\t(.*)$", (process / "status").read_text(), re.MULTILINE))
        sets = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
        main = int(process.name) == pid
        if main:
            print("  ", status["Name"], *(f"{name} {value:x}" for name, value in sets.items()),
                  *(f"{name} {status[name]}" for name in ("NoNewPrivs", "Seccomp", "Uid")), flush=True)
        assert sets["CapBnd"] & ~allowed == 0 and sets["CapInh"] == sets["CapAmb"] == 0, status
        assert sets["CapEff"] == sets["CapPrm"] == allowed if main else sets["CapPrm"] & ~allowed == 0, status
        assert (status["NoNewPrivs"], status["Seccomp"], status["Uid"].split()[0]) == ("1", "2", "0"), status
        assert int(status["Seccomp_filters"]) >= 1, status
        for name in ("pid", "net", "ipc", "uts", "mnt"):
            assert os.readlink(process / f"ns/{name}") != os.readlink(f"/proc/self/ns/{name}"), name
    if pathlib.Path("/sys/kernel/security/apparmor").exists():
        assert "cri-containerd.apparmor.d (enforce)" in pathlib.Path(f"/proc/{pid}/attr/current").read_text()


def mounts_are_as_stated(capmond, pins):
    """Of the node only three directories are writable; below others only what the document names."""
    pid = capmond.node.status(capmond.id)[2]
    mounts = {}
    for line in pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        fields = line.split()
        mounts[fields[4]] = fields
    written = {where for where, fields in mounts.items() if fields[5].split(",")[0] == "rw"}
    assert "/" not in written
    below = ("/host/proc/", "/host/cgroup/", "/host/run/")  # only the upper mount is read-only
    from_kubelet = {"/etc/hosts", "/dev/termination-log"}
    from_runtime = {"/proc", "/dev", "/dev/pts", "/dev/mqueue", "/dev/shm", "/etc/hostname", "/etc/resolv.conf"}
    masked = {where for where in written if where.startswith(("/proc/", "/sys/"))}  # by devices and empty directories
    assert all(mounts[where][3] == "/null" or "tmpfs" in mounts[where] for where in masked), masked
    stated = {"/run/capmon", "/var/lib/capmon", "/sys/fs/bpf/capmon"}
    assert set(row("`/run/capmon`")) == stated
    # The document says where the pins are in the pod.
    expected = {"/run/capmon", "/var/lib/capmon"} | ({"/host/bpf/capmon"} if pins else set())
    ours = written - from_kubelet - from_runtime - masked
    assert {where for where in ours if not where.startswith(below)} == expected, ours
    if pins:
        assert mounts["/host/bpf/capmon"][3] == "/capmon" and "bpf" in mounts["/host/bpf/capmon"]
    for bundles in ("containerd/io.containerd.runtime.v2.task", "containers/storage/overlay-containers"):
        optional = mounts[f"/host/run/{bundles}"][6]
        assert optional.startswith("master:"), optional  # the host's unmounts arrive


def limits_are_set(capmond):
    pid = capmond.node.status(capmond.id)[2]
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().split():
        if ":memory:" in line:
            limit = pathlib.Path("/sys/fs/cgroup/memory" + line.split(":")[2]) / "memory.limit_in_bytes"
        elif line.startswith("0::/kubepods"):
            limit = pathlib.Path("/sys/fs/cgroup" + line.split(":")[2]) / "memory.max"
        else:
            continue
        wanted = kubelet.quantity(capmond.container["resources"]["limits"]["memory"])
        assert int(limit.read_text()) == wanted, limit
        return
    raise AssertionError("no limit of memory")


def disks(capmond, container_id):
    """Mounts of that container which the pod of capmond has."""
    pid = capmond.node.status(capmond.id)[2]
    return [line for line in pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines() if container_id in line]


def it_works(state, *options, pins=True, more=lambda capmond, web: None):
    """It starts, with its privileges and no others, and profiles an ordinary pod."""
    objects = helm(*options)
    with kubelet.Node(WORK, ARCHIVE, state, image.WORK) as node:
        capmond = Capmond(node, objects)
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            code, out, err = capmond.probe(name)
            assert code == 0, f"{name}: {code}: {out}{err}"
        status = json.loads(capmond.capmon("status", "-o", "json"))
        assert status["node"] == kubelet.NAME, status
        kept = {one["name"]: one["state"] for one in status["keeps"]}
        assert kept == {"store": "ok", "pins": "ok" if pins else "absent"}, kept
        privileges_are_as_stated(capmond)
        mounts_are_as_stated(capmond, pins)
        limits_are_set(capmond)
        web = Web(node)
        assert eventually(lambda: WEB["name"] in capmond.capmon("list", "--instances") and is_right(capmond.profile())), \
            capmond.capmon("profile", "shop/deploy/web")
        assert is_right(json.loads(capmond.capmon("profile", f"shop/{WEB['name']}", "-o", "json")))
        assert disks(capmond, web.id)
        more(capmond, web)


def nothing_is_lost(capmond, web):
    """When its container is replaced, when its pod is; and uninstalling leaves nothing."""
    node, before = capmond.node, chown(capmond.profile())["count"]
    generations = node.path("/sys/fs/bpf/capmon")
    pinned = sorted(path.name for path in generations.iterdir())
    capmond.restart(web.works_on)
    assert pinned == sorted(path.name for path in generations.iterdir()), "the pins were not adopted"
    web.works_on()
    made = web.end()
    assert eventually(lambda: sum(counted(capmond.profile())) >= made)
    profile = capmond.profile()
    number, skipped = counted(profile)
    print(f"   {made} checks made, {number} counted, {skipped} skipped by the kernel; {before} before the restart")
    assert int(before) < number <= made and is_right(profile)
    node.remove(web.pod)
    assert eventually(lambda: not disks(capmond, web.id)), "the disk of a removed container stays"
    node.remove(capmond.pod)
    again = Capmond(node, capmond.objects, "b")
    assert chown(again.profile()) == chown(profile), "a new pod lost the profile"
    node.remove(again.pod)
    uninstall(node)


def uninstall(node):
    """What overlays/uninstall renders leaves nothing on the node."""
    tools = f'. "{HERE}/tools.sh" && kubernetes_tools "{debian.BUILD}/kubernetes-tools" && exec "$kubectl" "$@"'
    text = subprocess.run(["bash", "-c", tools, "kubectl", "kustomize", SOURCE / "deploy/kubernetes/overlays/uninstall"],
                          stdout=subprocess.PIPE, check=True).stdout
    (spec,) = [one["spec"]["template"]["spec"] for one in yaml.safe_load_all(text) if one["kind"] == "DaemonSet"]
    pod = node.start_pod({"namespace": "capmon", "name": "uninstall"}, spec)
    container = {**spec["initContainers"][0], "image": image.NAME}
    done = node.start(pod, spec, container)
    assert eventually(lambda: node.status(done)[0] == 2)
    assert node.status(done)[1] == 0, node.log(pod, "uninstall-0.log")
    node.remove(pod)
    left = [path for where in ("/run/capmon", "/var/lib/capmon", "/sys/fs/bpf/capmon")
            for path in node.path(where).iterdir()]
    assert not left, left


def serves_metrics(capmond, _):
    with urllib.request.urlopen(f"http://{capmond.pod.address}:9464/metrics", timeout=30) as answer:
        assert b"\ncapmon_" in answer.read()


def the_image_is_what_the_dockerfile_says():
    assert SETTINGS["Entrypoint"] == ["/usr/local/bin/capmond"] and SETTINGS["User"] == ""
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in SETTINGS["Labels"].items()}
    assert labels == {
        "title": "capmon", "description": "Which Linux capabilities containers really need", "licenses": "Apache-2.0",
        "base.name": image.BASE, **{name.lower(): value for name, value in image.LABELS.items()}}, labels


def it_works_with_the_chart_as_it_is():
    it_works("/run/containerd", more=nothing_is_lost)


def it_works_on_k3s_with_metrics():
    it_works("/run/k3s/containerd", "--set", "distribution=k3s,metrics.enabled=true", more=serves_metrics)


def it_works_on_microk8s_with_an_older_kubernetes():
    it_works("/var/snap/microk8s/common/run/containerd", "--set", "distribution=microk8s", "--kube-version", "1.29.0")


def it_works_on_k0s_without_pins():
    it_works("/run/k0s/containerd", "--set", "distribution=k0s,pins=false", pins=False)


def it_works_with_the_fields_of_openshift():
    """Under containerd, and without SELinux: only that the fields are taken."""
    it_works("/run/containerd", "--set", "distribution=openshift")


def main():
    global ARCHIVE, SETTINGS
    if os.geteuid() != 0 or not pathlib.Path("/sys/kernel/btf/vmlinux").exists():
        print("needs root and a kernel with BTF")
        return SKIPPED
    if not kubelet.available() or not all(map(shutil.which, ("debootstrap", "npm", "busybox"))):
        print("needs containerd, runc, docker, iproute2, containernetworking-plugins, debootstrap, npm and busybox")
        return SKIPPED
    try:
        helm()  # fetches it
        ARCHIVE, SETTINGS = image.build(WORK)
        kubelet.enter()
        return run_all([
            the_image_is_what_the_dockerfile_says, it_works_with_the_chart_as_it_is, it_works_on_k3s_with_metrics,
            it_works_on_microk8s_with_an_older_kubernetes, it_works_on_k0s_without_pins,
            it_works_with_the_fields_of_openshift])
    finally:
        shutil.rmtree(WORK)


sys.exit(main())
