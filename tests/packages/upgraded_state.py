#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""States that earlier versions left (record_state.py), taken over by this capmond: it shows every profile and alert as
the earlier one did, and what that added since."""
import gzip
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import debian
from capmond import eventually, run_all
from debian import SKIPPED

STATES = pathlib.Path(__file__).resolve().parent / "states"
# What a start on this machine says about itself, not about the container.
OF_THE_MACHINE = {"confidence.backend", "confidence.blind_spots", "node"}


def differences(old, new, where=""):
    """What is in `old` and not the same in `new`. `new` may have more fields."""
    if where in OF_THE_MACHINE:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return [found for key, value in old.items()
                for found in differences(value, new.get(key), f"{where}.{key}".lstrip("."))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [found for index, value in enumerate(old) for found in differences(value, new[index], f"{where}[{index}]")]
    # Since layout 15 a use says whether its arguments are known; of earlier ones they are not.
    if ".uses[" in where and new == f"? {old}":
        return []
    return [] if old == new else [f"{where}: {old!r} was shown, now {new!r}"]


def shown_again(version, directory):
    """The profiles and alerts of that state, as the capmond of this build shows them."""
    recorded = json.loads((STATES / f"{version}.json").read_text())
    (directory / "state").mkdir(mode=0o700)
    database = sqlite3.connect(directory / "state/capmon.db")
    database.executescript(gzip.decompress((STATES / f"{version}.sql.gz").read_bytes()).decode())
    database.close()
    address = f"unix://{directory}/capmon.sock"
    daemon = subprocess.Popen(
        [debian.BUILD / "bin/capmond", "--address", address, "--state-dir", directory / "state", "--pin-dir", "none",
         "--docker-socket", "none", "--cri-socket", "none", "--log-level", "warn"], stdin=subprocess.DEVNULL)
    try:
        def capmon(*arguments):
            done = subprocess.run([debian.BUILD / "bin/capmon", "--address", address, *arguments, "-o", "json"], text=True,
                                  capture_output=True, stdin=subprocess.DEVNULL, check=False)
            return json.loads(done.stdout) if done.returncode == 0 else None

        assert eventually(lambda: capmon("status")), "capmond does not answer"
        alerts = {one["id"]: one for one in capmon("alerts")["alerts"]}
        return recorded, {
            "profiles": {name: capmon("profile", name) or {} for name in recorded["profiles"]},
            "alerts": [alerts.get(one["id"], {}) for one in recorded["alerts"]]}
    finally:
        daemon.terminate()
        assert daemon.wait() == 0


def taken_over(version):
    def check():
        with tempfile.TemporaryDirectory() as directory:
            recorded, shown = shown_again(version, pathlib.Path(directory))
        assert recorded["profiles"] and recorded["alerts"]
        found = differences(recorded, shown)
        assert not found, "\n".join(found[:20])
    check.__name__ = f"the_state_of_{version}_is_taken_over"
    return check


def main():
    if os.geteuid() != 0 or not pathlib.Path("/sys/kernel/btf/vmlinux").exists():
        print("needs root and a kernel with BTF")
        return SKIPPED
    return run_all([taken_over(path.name.removesuffix(".json")) for path in sorted(STATES.glob("*.json"))])


sys.exit(main())
