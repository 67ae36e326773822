# SPDX-License-Identifier: Apache-2.0
"""Ordinary programs, each timed for about a second. A workload is entered once and then run many
times; run() returns seconds for the same amount of work."""
import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import host

FORKS = 1000
BYTES = 1_500_000
FILES = 3000
FUNCTIONS = 600
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def timed(*command, **keywords):
    started = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **keywords)
    return time.monotonic() - started


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(holds, what):
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise host.CannotMeasure(f"{what} did not start")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Workload:
    def __init__(self, directory):
        self.directory = Path(directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class ForkExec(Workload):
    name = f"{FORKS} × fork and exec"

    def run(self):
        return timed("sh", "-c", f"i=0; while [ $i -lt {FORKS} ]; do /bin/true; i=$((i+1)); done")


class Dd(Workload):
    name = f"dd bs=1 count={BYTES}"

    def run(self):
        return timed("dd", "if=/dev/zero", "of=/dev/null", "bs=1", f"count={BYTES}")


class Tar(Workload):
    name = f"tar -x of {FILES} files, as root"
    TIMES = 10

    def __enter__(self):
        files = self.directory / "files"
        files.mkdir()
        for number in range(FILES):
            file = files / str(number)
            file.write_text("x" * 512)
            os.chown(file, 1000 + number % 7, 1000)
        timed("tar", "-cf", self.directory / "files.tar", "-C", self.directory, "files")
        shutil.rmtree(files)
        return self

    def run(self):
        into = self.directory / "into"
        total = 0
        for _ in range(self.TIMES):
            into.mkdir()
            total += timed("tar", "-xpf", self.directory / "files.tar", "-C", into)
            shutil.rmtree(into)
        return total


class Compile(Workload):
    name = "gcc -O1 of one generated file"

    def __enter__(self):
        body = "int f{0}(int x) {{ for (int i = 0; i < {0}; ++i) x = x * 31 + (x >> 3); return x; }}\n"
        (self.directory / "made.c").write_text("".join(map(body.format, range(FUNCTIONS))))
        return self

    def run(self):
        return timed("gcc", "-O1", "-c", self.directory / "made.c", "-o", "/dev/null")


class Nginx(Workload):
    name = "nginx under wrk, a request"

    def __enter__(self):
        if not shutil.which("nginx") or not shutil.which("wrk"):
            raise host.CannotMeasure("nginx or wrk is missing")
        self.port = free_port()
        (self.directory / "index.html").write_text("x" * 600)
        (self.directory / "nginx.conf").write_text(
            "worker_processes 1; error_log stderr crit; daemon off; user root;\n"
            f"pid {self.directory}/pid; events {{ worker_connections 512; }}\n"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{self.port};"
            f" root {self.directory}; }} }}\n")
        self.server = subprocess.Popen(["nginx", "-p", self.directory, "-c", "nginx.conf"])
        wait_for(lambda: listens(self.port), "nginx")
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def run(self):
        done = subprocess.run(["wrk", "-t1", "-c8", "-d1s", f"http://127.0.0.1:{self.port}/"],
                              capture_output=True, text=True, check=True)
        return 1 / float(re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)[1])


class Postgres(Workload):
    name = "PostgreSQL under pgbench, a transaction"

    def __enter__(self):
        if not POSTGRES:
            raise host.CannotMeasure("PostgreSQL is missing")
        self.bin, self.port = POSTGRES[-1], free_port()
        self.data = self.directory / "data"
        user = pwd.getpwnam("postgres")
        for directory in self.directory.parents:  # it must be able to come here
            if directory.stat().st_uid == os.getuid() and directory.stat().st_mode & 0o777 == 0o700:
                directory.chmod(0o711)
        os.chown(self.directory, user.pw_uid, user.pw_gid)
        self.account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        timed(self.bin / "initdb", "-D", self.data, "--no-sync", "-A", "trust", **self.account)
        self.server = subprocess.Popen(
            [self.bin / "postgres", "-D", self.data, "-p", str(self.port), "-c", "fsync=off",
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.directory}",
             "-c", "autovacuum=off", "-c", "log_min_messages=fatal"],
            stderr=subprocess.DEVNULL, **self.account)
        self.client = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "postgres"]
        wait_for(lambda: answers(self.bin / "psql", "-c", "select 1", *self.client), "PostgreSQL")
        timed(self.bin / "pgbench", "-i", "-q", "-s", "5", *self.client)
        return self

    def __exit__(self, *_):
        self.server.send_signal(2)  # ends sessions and shuts down
        self.server.wait()

    def run(self):
        done = subprocess.run([self.bin / "pgbench", "-n", "-S", "-c", "2", "-T", "1",
                               *self.client], capture_output=True, text=True, check=True)
        return 1 / float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


ALL = [ForkExec, Dd, Tar, Compile, Nginx, Postgres]
