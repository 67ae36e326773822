# SPDX-License-Identifier: Apache-2.0
"""capmond with its own socket, state and pins, and containers for it to see."""
import json
import os
import secrets
import signal
import subprocess
import threading
import time
from pathlib import Path

import host

# As in the systemd unit and the image.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


class Capmond:
    """Runs from `with` on; `seconds_to_serve` is how long it took until it answered."""

    def __init__(self, options, directory, *flags):
        self.programs, self.directory = options.bin, Path(directory)
        self.address = f"unix://{self.directory}/capmon.sock"
        self.pins = self.directory / "bpf"  # a BPF file system of its own
        self.flags = ["--address", self.address, "--config", "none", "--log-level", "warn",
                      "--pin-dir", self.pins / "capmon", "--state-dir", self.directory / "state",
                      *flags]

    def __enter__(self):
        self.pins.mkdir()
        subprocess.run(["mount", "-t", "bpf", "none", self.pins], check=True)
        started = time.monotonic()
        self.process = subprocess.Popen([self.programs / "capmond", *map(str, self.flags)],
                                        stdin=subprocess.DEVNULL, env=os.environ | ENVIRONMENT)
        while self.capmon("status").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > started + 120:
                self.__exit__()
                raise host.CannotMeasure("capmond did not start")
            time.sleep(0.005)
        self.seconds_to_serve = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        subprocess.run(["umount", self.pins], check=True)  # takes the pins with it
        self.pins.rmdir()

    def line(self, *arguments):
        return [self.programs / "capmon", "--address", self.address, *arguments]

    def capmon(self, *arguments):
        return subprocess.run(self.line(*arguments), capture_output=True, text=True, check=False)

    def json(self, *arguments):
        return json.loads(self.capmon(*arguments, "-o", "json").stdout)

    def memory_and_threads(self):
        """Resident MiB, and how many threads."""
        fields = dict(line.split(":", 1) for line in
                      Path(f"/proc/{self.process.pid}/status").read_text().splitlines())
        return int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"])

    def cpu_seconds(self):
        """Of all its processes: those it starts check its health and read files."""
        total, waiting = 0, [self.process.pid]
        while waiting:
            pid = waiting.pop()
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


def cgroup_mounts():
    """The hierarchy that capmond watches, which chooses in this order. Not all there are: joining
    one takes milliseconds."""
    with open("/proc/self/mounts") as lines:
        mounts = [line.split()[1:4] for line in lines]
    for wanted in ("pids", "memory"):
        for target, kind, options in mounts:
            if kind == "cgroup" and wanted in options.split(","):
                return [Path(target)]
    return [Path(target) for target, kind, _ in mounts if kind == "cgroup2"]


class Container:
    """A cgroup that is named as Docker names it. No runtime is involved."""

    def __init__(self):
        self.id = secrets.token_hex(32)
        self.directories = []
        for mount in cgroup_mounts():
            try:
                (mount / "docker").mkdir(exist_ok=True)
                (mount / "docker" / self.id).mkdir()
                self.directories.append(mount / "docker" / self.id)
            except OSError:
                continue

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def start(self, command, **keywords):
        def join():
            for directory in self.directories:
                try:
                    (directory / "cgroup.procs").write_text("0")
                except OSError:
                    continue
        return subprocess.Popen([str(word) for word in command], preexec_fn=join, **keywords)

    def run(self, *command, **keywords):
        return self.start(command, **keywords).wait()

    def remove(self):
        for directory in self.directories:
            for _ in range(100):  # an ended process leaves its cgroup a moment later
                try:
                    directory.rmdir()
                    break
                except OSError:
                    time.sleep(0.01)


class Churn:
    """Starts a new container every two seconds, for as long as it is entered. Each lives until
    the next one, as a job does, and runs a shell with a few programs."""
    SECONDS = 2
    WORK = "i=0; while [ $i -lt 5 ]; do /bin/true; i=$((i+1)); done; chown 0:0 .; sleep 1"

    def __enter__(self):
        self.stop = threading.Event()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()
        self.started.wait()
        return self

    def loop(self):
        while not self.stop.is_set():
            with Container() as container:
                process = container.start(["sh", "-c", self.WORK])
                self.started.set()
                self.stop.wait(self.SECONDS)
                process.wait()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
