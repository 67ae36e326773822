# SPDX-License-Identifier: Apache-2.0
"""The part `check` on other kernels, in the virtual machines of the live tests. Emulation has other
times than a processor; only ratios mean something, and those little."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import host

VM = Path(__file__).resolve().parents[1] / "vm"
SENTENCE = "the part check on other kernels, emulated: ratios only; not run unless named"
TITLE = "Other kernels, emulated"
PROGRAMS = ["bench_check_cost"]
BY_DEFAULT = False
KERNELS = ["5.10", "6.1", "6.12", "6.18", "7.3"]
JOB = '"$(cat /capmon/place)/bench_check_cost" check {rounds} >/dev/ttyS1\n'


def boot(image, series, rounds):
    """Nanoseconds on that kernel, or none, with the reason printed."""
    sys.path.insert(0, str(VM))
    from machine import Machine  # pylint: disable=import-outside-toplevel
    fetched = subprocess.run([VM / "fetch_kernel.sh", series], stdout=subprocess.PIPE, text=True,
                             check=False).stdout.strip()
    if not fetched:
        return None
    answers, console = Machine(series, fetched, "v2", "").answers_of(
        image, JOB.format(rounds=rounds))
    try:
        return json.loads(answers)["nanoseconds"]
    except (KeyError, ValueError):
        print(f"{series}: no result; the console ends with\n{console[-1000:]}", flush=True)
        return None


def run(options):
    if not shutil.which("qemu-system-x86_64"):
        raise host.CannotMeasure("qemu is missing")
    kernels = {}
    with tempfile.TemporaryDirectory() as work:
        image = Path(work) / "image"
        subprocess.run([VM / "build_image.sh", image, options.bin,
                        options.bin / "bench_check_cost"], check=True)
        for series in KERNELS[1:2] if options.quick else KERNELS:
            print(f"kernel {series}", flush=True)
            kernels[series] = boot(image, series, 2 if options.quick else 5)
    return {"kernels": {series: times for series, times in kernels.items() if times}}


def ratios(times):
    """Of the call with each program, to the call with nothing."""
    return {name: host.spread([value / base for value, base in zip(values, times["nothing"])])
            for name, values in times.items()}


def sections(result):
    yield "Ratios to nothing attached, in a machine that software emulates:"
    names = ["empty", "capmon", "capmon, watching calls"]
    rows = []
    for series, backends in result["kernels"].items():
        for backend, calls in backends.items():
            check, other = ratios(calls["check"]), ratios(calls["getppid"])
            rows.append([f"{series}, {backend}",
                         *(f"{check[name]['median']:.2f}" if name in check else "–"
                           for name in names),
                         *(f"{other[name]['median']:.2f}" if name in other else "–"
                           for name in names[1:])])
    yield host.table(["kernel, back end", "check: empty", "capmon", "watching calls",
                      "getppid: capmon", "watching calls"], *rows)
