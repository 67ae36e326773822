#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""record_state.py BIN: with the capmond and capmon in BIN, writes states/vN.sql.gz (N: the layout of its database) and
states/vN.json: the state after two containers of runc, and what this version shows of them. For upgraded_state.py;
run it with the programs of a release, as root, and never again for the same layout. Rows of other containers of the
machine are left out of the database."""
import gzip
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import debian
from capmond import eventually

STATES = pathlib.Path(__file__).resolve().parent / "states"
# Both wait until the baseline is there, then do something new.
WORK = {
    "front": "for i in 1 2 3 4 5; do chown 1 /file; chown 0 /file; done",
    "tool": "chroot / /bin/true; mknod /device c 1 3",
}
NEWS = {"front": "chown 2 /file; ping -c 1 127.0.0.1", "tool": "hostname other; chroot / /bin/true"}


def start(directory, name):
    """A container with Docker's capabilities, which works until /go is there, and then a little more."""
    root = directory / name / "rootfs"
    for folder in ("bin", "dev", "proc"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    for applet in ("sh", "chown", "chroot", "mknod", "true", "hostname", "ping", "sleep"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "file").write_text("")
    (root / "work.sh").write_text(f"#!/bin/sh\n{WORK[name]}\n>/done\nuntil [ -e /go ]; do sleep 0.1; done\n{NEWS[name]}\n")
    (root / "work.sh").chmod(0o755)
    config = json.loads((debian.SOURCE / "deploy/sample/config.json").read_text())
    config["linux"]["cgroupsPath"] = f"/{name}"
    (directory / name / "config.json").write_text(json.dumps(config))
    return subprocess.Popen(["runc", "--root", directory / "runc", "run", "--bundle", directory / name, name],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def prune(database, keys):
    """Leaves out what is not of these containers."""
    marks = ",".join("?" * len(keys))
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        key = "key" if table == "containers" else "container"
        if key in columns:
            database.execute(f"DELETE FROM {table} WHERE {key} NOT IN ({marks})", keys)
        elif table == "alerts":
            for (name,) in database.execute("SELECT id FROM alerts").fetchall():
                if not any(key in name for key in keys):
                    database.execute("DELETE FROM alerts WHERE id = ?", (name,))
    database.commit()


def main():
    programs = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        address = f"unix://{directory}/capmon.sock"

        def capmon(*arguments):
            return subprocess.run([programs / "capmon", "--address", address, *arguments], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=True).stdout

        daemon = subprocess.Popen(
            [programs / "capmond", "--address", address, "--state-dir", directory / "state", "--pin-dir", "none",
             "--docker-socket", "none", "--cri-socket", "none", "--log-level", "warn"], stdin=subprocess.DEVNULL)
        eventually((directory / "capmon.sock").exists)
        running = {name: start(directory, name) for name in WORK}
        shown = {}
        for name, container in running.items():
            eventually((directory / name / "rootfs/done").exists)
            eventually(lambda name=name: json.loads(capmon("profile", name, "-o", "json"))["recommendation"]["keep"])
            capmon("baseline", name)
        for name, container in running.items():
            (directory / name / "rootfs/go").write_text("")
            container.wait()
            eventually(lambda name=name: json.loads(capmon("profile", name, "-o", "json"))["container"]["ended"])
            shown[name] = json.loads(capmon("profile", name, "-o", "json"))
        alerts = [one for one in json.loads(capmon("alerts", "-o", "json"))["alerts"]
                  if one["container"]["id"] in [profile["container"]["id"] for profile in shown.values()]]
        assert alerts, "nothing new was seen"
        daemon.terminate()
        daemon.wait()
        database = sqlite3.connect(directory / "state/capmon.db")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        prune(database, [key for (key,) in database.execute(
            "SELECT key FROM containers WHERE cgroup_path IN ('/front', '/tool')")])
        text = "\n".join(database.iterdump()) + f"\nPRAGMA user_version = {version};\n"
    (STATES / f"v{version}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (STATES / f"v{version}.json").write_text(json.dumps({"profiles": shown, "alerts": alerts}, indent=1) + "\n")


if __name__ == "__main__":
    main()
