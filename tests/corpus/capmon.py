# SPDX-License-Identifier: Apache-2.0
"""Starts capmond, and reads profiles with capmon."""

import json
import os
import pathlib
import subprocess
import time

Caps = frozenset[str]


class Daemon:
    """A private capmond that runs during the `with` block."""

    def __init__(self, bin_dir: pathlib.Path, dir: pathlib.Path,
                 record: pathlib.Path | None = None, docker_socket: str = ""):
        self.bin_dir = bin_dir
        self.more = ["--record", str(record)] if record else []
        self.more += ["--docker-socket", docker_socket] if docker_socket else []
        self.address = f"unix://{dir}/capmon.sock"
        self.log = dir / "capmond.log"

    def __enter__(self) -> "Daemon":
        with self.log.open("w") as log:
            # Each case as if it were the only start in its hour.
            self.process = subprocess.Popen(
                [str(self.bin_dir / "capmond"), "--address", self.address, "--log-level", "warn",
                 "--state-dir", "none", "--pin-dir", "none", "--watch-budget", "3600", *self.more],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.run("status", "-o", "json").returncode == 0:
                return self
            time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"capmond does not answer: {self.log.read_text()[-2000:]}")

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def run(self, *args: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(self.bin_dir / "capmon"), "--address", self.address, *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env={**os.environ, "NO_COLOR": "1"})

    def profile(self, cgroup: str) -> dict:
        """The Profile message of a container, evidence included, as JSON."""
        done = self.run("profile", f"cgroup:{cgroup}", "-o", "json")
        if done.returncode != 0:
            raise RuntimeError(f"capmon profile cgroup:{cgroup}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def settings(self, cgroup: str, kind: str) -> str:
        """Returns the recommendation as settings, as a user would apply them."""
        done = self.run("profile", f"cgroup:{cgroup}", "--as", kind)
        if done.returncode != 0:
            raise RuntimeError(f"capmon profile --as {kind}: {done.stderr.strip()}")
        return done.stdout

    def explain(self, cgroup: str, capability: str) -> str:
        return self.run("explain", f"cgroup:{cgroup}", capability).stdout


def bare(name: str) -> str:
    return name.removeprefix("CAP_")


def kept(profile: dict) -> Caps:
    """Returns what settings keep: the needed and the unknown capabilities."""
    advice = profile.get("recommendation", {})
    return frozenset(bare(name) for name in [*advice.get("keep", []), *advice.get("unknown", [])])


def naive(profile: dict) -> Caps:
    """Returns every capability that was ever granted, as a list of granted checks shows it."""
    return frozenset(
        bare(row["capability"]) for row in profile.get("capabilities", [])
        if any(e.get("granted") and int(e.get("count", 0)) > 0 for e in row.get("evidence", [])))


def by_program(profile: dict) -> bool:
    """Returns whether a capability was dropped only because the table of programs allows it."""
    return any(
        not row["keep"] and any(e.get("granted") and e.get("site_class") == "PROGRAM"
                                for e in row.get("evidence", []))
        for row in profile.get("capabilities", []))


NO_NEED = {"foreign", "runtime-only", "noise", "probed"}


def because(profile: dict, name: str) -> list[str]:
    """Returns the evidence for one capability, a line for each kind of check, and that of the
    capabilities that it may replace."""
    rows = {bare(row["capability"]): row for row in profile.get("capabilities", [])}
    if name not in rows:
        return [f"{name}: no row in the profile"]
    for_whom = [other for other, row in rows.items()
                if row["verdict"] == "either" and f"CAP_{name}" in row.get("narrower", [])]
    lines = []
    for row in (rows[one] for one in [name, *for_whom]):
        lines.append(f"{bare(row['capability'])}: {row['verdict']}: {row['reason']}")
        lines += [evidence_line(e) for e in row.get("evidence", [])
                  if e.get("verdict") not in NO_NEED]
    return lines


def evidence_line(e: dict) -> str:
    callers = " < ".join([e.get("site") or "?", *e.get("callers", [])][:5])
    return (f"  {'granted' if e.get('granted') else 'denied'} x{e.get('count')} "
            f"{e.get('syscall') or '?'} at {callers} [{e.get('site_class') or 'unknown site'}] "
            f"-> {e.get('verdict')}; "
            f"{e.get('succeeded', 0)} succeeded, {e.get('failed', 0)} failed "
            f"{' '.join(e.get('errnos', []))} {e.get('phase')} {e.get('binary')} "
            f"{' '.join(e.get('traits', []))}".rstrip())
