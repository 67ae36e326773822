# SPDX-License-Identifier: Apache-2.0
"""Runs a case in a real container (runc) on a private copy-on-write view of the shared root."""

import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

from case import Case

INSIDE = pathlib.Path(__file__).parent / "inside"
CGROUP = "/capmon-corpus"
STOP_LIMIT = 5.0
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
}
MOUNTS = [
    ("/proc", "proc", []),
    ("/dev", "tmpfs", ["nosuid", "mode=755"]),
    ("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                            "gid=5"]),
    ("/dev/shm", "tmpfs", ["nosuid", "nodev", "mode=1777"]),
    ("/dev/mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
    ("/sys", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
]
DEVICES = [  # Docker's: make any node, use only the harmless ones
    {"allow": False, "access": "rwm"},
    {"allow": True, "type": "c", "access": "m"},
    {"allow": True, "type": "b", "access": "m"},
]


@dataclasses.dataclass(frozen=True)
class Outcome:
    passed: bool
    reason: str
    seconds: float
    output: str
    stop_seconds: float = 0.0


def config(case: Case, caps: frozenset[str] | dict, root: pathlib.Path, cgroup: str) -> dict:
    """`caps` may be a part of config.json instead, which is merged into the rest."""
    if isinstance(caps, dict):
        whole = config(case, frozenset(), root, cgroup)
        whole["process"].update(caps["process"])
        return whole
    names = sorted(f"CAP_{name}" for name in caps)
    start = ["bash", "/corpus/call.sh", "job"] if case.kind == "server" else ["bash",
                                                                            "/corpus/init.sh"]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": start,
            "env": [f"{key}={value}" for key, value in ENVIRONMENT.items()],
            "cwd": "/",
            "capabilities": {"bounding": names, "effective": names, "permitted": names},
            "noNewPrivileges": False,
        },
        "root": {"path": str(root)},
        "hostname": "corpus",
        "mounts": [
            {"destination": where, "type": kind, "source": kind, "options": options}
            for where, kind, options in MOUNTS
        ],
        "linux": {
            "cgroupsPath": f"{CGROUP}-{cgroup}",
            "resources": {"devices": DEVICES},
            "namespaces": [
                {"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")
            ],
        },
    }


class Stage:
    """Owns everything that a session of runs creates in the system; `close` removes it."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="capmon-corpus-"))
        mount("-t", "tmpfs", "-o", "mode=755", "corpus", self.dir)
        mount("--make-private", self.dir)
        self._numbers = itertools.count(1)
        self._layers: dict[str, pathlib.Path] = {}

    def close(self) -> None:
        subprocess.run(["umount", "-R", "-l", str(self.dir)], check=False)
        self.dir.rmdir()
        for cgroup in pathlib.Path("/sys/fs/cgroup").glob(f"**{CGROUP}-*/"):
            with contextlib.suppress(OSError):  # busy: another runner's
                cgroup.rmdir()

    def layer(self, case: Case) -> pathlib.Path:
        """The case's own files on top of the shared root: what its setup() made."""
        if case.name not in self._layers:
            self._layers[case.name] = self._set_up(case)
        return self._layers[case.name]

    def _set_up(self, case: Case) -> pathlib.Path:
        upper, merged = self._overlay(f"layer-{case.name}", [self.root])
        try:
            corpus = merged / "corpus"
            shutil.copytree(INSIDE, corpus)
            (corpus / "case.sh").write_text(case.text)
            os.mkfifo(corpus / "forever")
            if case.has("setup"):
                script = "mount -t proc proc /proc && bash /corpus/call.sh setup"
                done = subprocess.run(
                    ["unshare", "-m", "-p", "-i", "-u", "-n", "-f", "chroot", merged, "bash",
                     "-c", script],
                    env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
                if done.returncode != 0:
                    raise RuntimeError(f"setup of {case.name} failed: {done.stdout}{done.stderr}")
        finally:
            unmount(merged)
        return upper

    def _overlay(self, name: str, lower: list[pathlib.Path]) -> tuple[pathlib.Path, pathlib.Path]:
        base = self.dir / name
        upper, work, merged = base / "upper", base / "work", base / "merged"
        for path in (upper, work, merged):
            path.mkdir(parents=True)
        lowers = ":".join(str(path) for path in lower)
        mount("-t", "overlay", "-o", f"lowerdir={lowers},upperdir={upper},workdir={work}",
              "overlay", merged)
        return upper, merged

    def run(self, case: Case, caps: frozenset[str] | dict, limit: float, label: str = "run",
            before_delete=None) -> Outcome:
        """Runs one container. `before_delete(cgroup)` is called after its end, before its removal."""
        layer = self.layer(case)
        name = f"{case.name}-{label}-{next(self._numbers)}"
        upper, merged = self._overlay(name, [layer, self.root])
        run = Run(self.dir, case, name, upper, merged)
        try:
            return run.go(caps, limit, before_delete)
        finally:
            run.delete()
            unmount(merged)
            shutil.rmtree(self.dir / name, ignore_errors=True)


class Run:
    """One container of a case."""

    def __init__(self, dir: pathlib.Path, case: Case, name: str, upper: pathlib.Path,
                 merged: pathlib.Path):
        self.case, self.name, self.merged = case, name, merged
        self.base = dir / name
        self.status = upper / "corpus/status"
        self.runc = ["runc", "--root", str(dir / "runc")]
        self.pid, self.pidfd = 0, -1

    def go(self, caps: frozenset[str] | dict, limit: float, before_delete) -> Outcome:
        started = time.monotonic()
        deadline = started + limit
        reason = self._create(caps)
        if not reason and self.case.has("prepare"):
            reason = self._inside("call.sh", "prepare", until=deadline)
        if not reason:
            reason = self._runc("start", self.name)
        if not reason:
            reason = self._work(deadline)
        seconds, stop_seconds = time.monotonic() - started, 0.0
        if self.pidfd >= 0:
            late = self._stop(quiet=bool(reason))
            reason = reason or late
            stop_seconds = time.monotonic() - started - seconds
            if before_delete:
                before_delete(f"{CGROUP}-{self.name}")
        return Outcome(not reason, reason, seconds, self._output(), stop_seconds)

    def delete(self) -> None:
        self._runc("delete", "--force", self.name)
        if self.pidfd >= 0:
            os.close(self.pidfd)

    def _create(self, caps: frozenset[str] | dict) -> str:
        (self.base / "config.json").write_text(
            json.dumps(config(self.case, caps, self.merged, self.name)))
        (self.base / "stdin").touch()
        with (self.base / "stdin").open() as nothing, (self.base / "output").open("w") as out:
            made = subprocess.run(
                [*self.runc, "create", "--bundle", str(self.base), "--pid-file",
                 str(self.base / "pid"), self.name],
                stdin=nothing, stdout=out, stderr=out, check=False)
        if made.returncode != 0:
            return "the container could not be made"
        self.pid = int((self.base / "pid").read_text())
        self.pidfd = os.pidfd_open(self.pid)
        return ""

    def _work(self, deadline: float) -> str:
        if self.case.kind == "server":
            return self._inside("until.sh", until=deadline)
        while not (self.status.exists() and self.status.read_text().endswith("\n")):
            if self._ended(0.01):
                return "the container ended before its job"
            if time.monotonic() > deadline:
                return "the job did not end in time"
        status = self.status.read_text().strip()
        if status != "0":
            return f"the job ended with status {status}"
        return self._inside("call.sh", "check", until=deadline)

    def _inside(self, *script: str, until: float) -> str:
        """Runs one of our scripts in the container's namespaces, with the runner's privileges
        and in the runner's cgroup, so that it is not part of the workload."""
        with (self.base / "check").open("a") as out:
            child = subprocess.Popen(
                ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "bash",
                 f"/corpus/{script[0]}", *script[1:]],
                env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True)
            try:
                while child.poll() is None:
                    if time.monotonic() > until:
                        return f"{' '.join(script)}: not in time"
                    if self._ended(0.01):
                        return "the container ended too soon"
                return f"{' '.join(script)}: failed" if child.returncode else ""
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()

    def _stop(self, quiet: bool) -> str:
        """Ends the container: a server must stop on its signal, unless the run failed already."""
        late = ""
        if self.case.kind == "server" and not quiet:
            signal.pidfd_send_signal(self.pidfd, signal.Signals[f"SIG{self.case.stop}"])
            if not self._ended(STOP_LIMIT):
                late = f"did not stop on SIG{self.case.stop}"
        if not self._ended(0):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self._ended(STOP_LIMIT)
        return late

    def _ended(self, wait: float) -> bool:
        return bool(select.select([self.pidfd], [], [], wait)[0])

    def _runc(self, *args: str) -> str:
        done = subprocess.run([*self.runc, *args], check=False, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        return done.stderr.strip() if done.returncode else ""

    def _output(self) -> str:
        parts = [self.base / "output", self.base / "check"]
        return "".join(p.read_text(errors="replace") for p in parts if p.exists())


def mount(*args: object) -> None:
    subprocess.run(["mount", *(str(arg) for arg in args)], check=True)


def unmount(path: pathlib.Path) -> None:
    if subprocess.run(["umount", str(path)], check=False, capture_output=True).returncode:
        subprocess.run(["umount", "-l", str(path)], check=True)
