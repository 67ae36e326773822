# SPDX-License-Identifier: Apache-2.0
"""A Docker of this session, with images of the shared root, in which cases run."""

import itertools
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

from capabilities import ordered
from case import Case
from container import ENVIRONMENT, INSIDE, Outcome

BASE = "corpus-root"
# As in a network namespace without an engine: ports below 1024 and ping need capabilities.
SYSCTLS = ("net.ipv4.ip_unprivileged_port_start=1024", "net.ipv4.ping_group_range=1 0")
START_LIMIT = 60.0


class Docker:
    """A private dockerd that runs during the `with` block."""

    def __init__(self, dir: pathlib.Path):
        self.dir = dir / "docker"
        self.dir.mkdir()
        self.socket = str(self.dir / "docker.sock")

    def __enter__(self) -> "Docker":
        log = self.dir / "log"
        with log.open("w") as out:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", self.dir / "data", "--exec-root", self.dir / "run",
                 "-H", f"unix://{self.socket}", "-p", self.dir / "pid",
                 "--storage-driver=overlay2", "--iptables=false", "--ip6tables=false",
                 "--bridge=none"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + START_LIMIT
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.command("info").returncode == 0:
                return self
            time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"dockerd does not answer: {log.read_text()[-2000:]}")

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            for name in self.command("ps", "-aq").stdout.split():
                self.command("rm", "-f", "-v", name)
            self.process.terminate()
            self.process.wait()

    def command(self, *args: object, **more) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["docker", "-H", f"unix://{self.socket}", *map(str, args)],
            **{"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **more},
            check=False)

    def __call__(self, *args: object, **more) -> str:
        """The output of a docker command that has to succeed."""
        done = self.command(*args, **more)
        if done.returncode != 0:
            raise RuntimeError(f"docker {' '.join(map(str, args))}: {done.stderr.strip()}")
        return done.stdout.strip()


class DockerStage:
    """Runs cases as container.Stage does, each with an image of its own and without its
    prepare()."""

    def __init__(self, docker: Docker, root: pathlib.Path):
        self.docker = docker
        self._numbers = itertools.count(1)
        self._pack(root)

    def _pack(self, root: pathlib.Path) -> None:
        tar = subprocess.Popen(
            ["tar", "-C", root, "--numeric-owner", "--xattrs",
             "--xattrs-include=security.capability", "-c", "."], stdout=subprocess.PIPE)
        self.docker("import", "-", BASE, stdin=tar.stdout)
        if tar.wait() != 0:
            raise RuntimeError(f"cannot pack {root}")

    def make_image(self, case: Case) -> None:
        """The shared root with what the case's setup() makes."""
        if case.has("prepare"):
            raise RuntimeError(f"{case.name}: prepare() is not for Docker")
        files = self.docker.dir / f"files-{case.name}" / "corpus"
        shutil.copytree(INSIDE, files)
        (files / "case.sh").write_text(case.text)
        setup = "bash /corpus/call.sh setup" if case.has("setup") else "true"
        name = f"setup-{case.name}"
        self.docker("create", "--name", name, *self._settings(), BASE, "bash", "-ec",
                    f"mkfifo /corpus/forever; {setup}")
        self.docker("cp", files, f"{name}:/")
        self.docker("start", "--attach", name)
        volume = ["--change", f"VOLUME {case.volume}"] if case.volume else []
        self.docker("commit", *volume, name, f"corpus:{case.name}")
        self.docker("rm", name)

    def _settings(self) -> list[str]:
        lines = ["--network", "none", "--hostname", "corpus"]
        for text in SYSCTLS:
            lines += ["--sysctl", text]
        for key, value in ENVIRONMENT.items():
            lines += ["--env", f"{key}={value}"]
        return lines

    def start(self, case: Case, name: str, caps: frozenset[str]) -> int:
        """Starts a container, and returns its first process; 0 if it has ended."""
        kept = [word for cap in ordered(caps) for word in ("--cap-add", cap)]
        job = ["call.sh", "job"] if case.kind == "server" else ["init.sh"]
        self.docker("run", "-d", "--name", name, *self._settings(), "--cap-drop", "ALL", *kept,
                    f"corpus:{case.name}", "bash", f"/corpus/{job[0]}", *job[1:])
        return int(self.docker("inspect", "-f", "{{.State.Pid}}", name))

    def run(self, case: Case, caps: frozenset[str], limit: float, label: str = "run") -> Outcome:
        name = f"{case.name}-{label}-{next(self._numbers)}"
        started = time.monotonic()
        try:
            pid = self.start(case, name, caps)
            reason = wait_for(case, pid, time.monotonic() + limit)
            return Outcome(not reason, reason, time.monotonic() - started,
                           self.docker.command("logs", name).stdout)
        finally:
            self.docker.command("rm", "-f", "-v", name)


def check_line(case: Case) -> str:
    """The command for `capmon minimize --check`: the check runs in the namespaces of the
    container, but outside its cgroup and with all privileges."""
    plain = shlex.join(f"{key}={value}" for key, value in ENVIRONMENT.items())
    line = (f"exec env -i {plain} nsenter -t $CAPMON_TWIN_PID -m -u -i -n -p "
            "bash /corpus/call.sh check")
    if case.kind == "tool":
        return f'test "$(cat /proc/$CAPMON_TWIN_PID/root/corpus/status)" = 0 && {line}'
    return line


def wait_for(case: Case, pid: int, deadline: float) -> str:
    """Repeats the check until it passes, then returns ""; else why the job is not done."""
    status = pathlib.Path(f"/proc/{pid}/root/corpus/status")
    while pid and pathlib.Path(f"/proc/{pid}").exists():
        if passes(case, pid, deadline):
            return ""
        if case.kind == "tool" and status.exists() and status.read_text().strip() not in ("", "0"):
            return "the job failed"
        if time.monotonic() > deadline:
            return "not in time"
        time.sleep(0.1)
    return "the container ended too soon"


def passes(case: Case, pid: int, deadline: float) -> bool:
    child = subprocess.Popen(
        ["sh", "-c", check_line(case)], env={**os.environ, "CAPMON_TWIN_PID": str(pid)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    try:
        return child.wait(max(0.1, deadline - time.monotonic())) == 0
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return False
