# SPDX-License-Identifier: Apache-2.0
"""How large the programs are, their image, and the state after a month."""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import host

SENTENCE = "size of the programs, of the image, and of the state after a month"
TITLE = "Size"
PROGRAMS = ["capmond", "capmon", "bench_many_workloads"]
MONTH = 10_000  # containers: one every four minutes


def stripped(program):
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, program], check=True)
        return Path(copy.name).stat().st_size


def image():
    """Bytes of the newest image of capmon; none without Docker or the image."""
    if not shutil.which("docker"):
        return None
    done = subprocess.run(["docker", "image", "inspect", "-f", "{{.Size}}", "capmon:0.1.0"],
                          capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else None


def many_workloads(options, count):
    """Numbers that the program prints, by their description."""
    done = subprocess.run([options.bin / "bench_many_workloads", str(count)], check=True,
                          capture_output=True, text=True)
    rows = re.findall(r"^(.*\S)\s+([\d.]+)(?: s)?$", done.stdout, re.MULTILINE)
    return {name: float(value) for name, value in rows}


def run(options):
    count = 100 if options.quick else MONTH
    programs = {name: {"bytes": (options.bin / name).stat().st_size,
                       "stripped": stripped(options.bin / name)} for name in ("capmond", "capmon")}
    return {"programs": programs, "image": image(), "containers": count,
            "month": many_workloads(options, count)}


def mebibytes(size):
    return f"{size / 2**20:.1f}"


def sections(result):
    month, count = result["month"], result["containers"]
    rows = [[f"`{name}`, stripped", mebibytes(sizes["stripped"])]
            for name, sizes in result["programs"].items()]
    if result["image"] is not None:
        rows.append(["the image", mebibytes(result["image"])])
    rows.append([f"state after {count} containers", mebibytes(month["bytes of the state"])])
    yield host.table(["", "MiB"], *rows)
    yield (f"The state is that of {count} containers, each of a workload of its own with 20 kinds of checks: a new\n"
           "one every four minutes makes 10,000 in a month. With this state:")
    yield host.table(["", "ms"],
                     ["start-up: open the store and restore",
                      f"{1000 * month['start-up: open the store and restore']:.0f}"],
                     ["the answer to `capmon list -a`", f"{1000 * month['capmon list -a']:.0f}"],
                     ["the answer to `capmon profile`",
                      f"{1000 * month['capmon profile, on average']:.2f}"])
