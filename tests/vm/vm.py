# SPDX-License-Identifier: Apache-2.0
"""The live tests on other kernels and cgroup layouts, in virtual machines emulated by software.

Needs neither KVM nor root. Kernels are fetched once (fetch_kernel.sh); the programs come from
$CAPMON_BIN_DIR, else build/release/bin. One machine for each combination of kernel, layout and back
end; consoles are kept in $CAPMON_RESULTS/vm, else build/results/vm. Exits 77 where qemu or every kernel asked for is missing.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import Machine

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
KERNELS = ["5.10", "6.1", "6.12", "6.18", "7.3"]
LAYOUTS = ["v2", "v1", "hybrid"]
BACK_ENDS = ["fexit", "tp_btf", "kprobe"]
PROGRAMS = ["qemu-system-x86_64", "busybox", "runc", "containerd", "dockerd", "docker", "cpio",
            "strip"]
SKIPPED = 77


def has(kernel, back_end):
    return back_end != "tp_btf" or kernel in ("6.18", "7.3")  # the tracepoint is there since 6.14


def arguments():
    parser = argparse.ArgumentParser(prog="tests/vm/run.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="append", choices=KERNELS, help="6.1 unless given")
    parser.add_argument("--layout", action="append", choices=LAYOUTS, help="v2 and v1 unless given")
    parser.add_argument("--backend", action="append", choices=BACK_ENDS,
                        help="all the kernel has unless given")
    parser.add_argument("--all", action="store_true",
                        help="every kernel: with each back end, and with each layout")
    parser.add_argument("tests", nargs="*", metavar="TEST",
                        help="live test programs, like short_lived, and GoogleTest patterns, like "
                        "'*NotHeld*'")
    asked = parser.parse_args()
    asked.kernel = asked.kernel or (KERNELS if asked.all else ["6.1"])
    asked.layout = asked.layout or (LAYOUTS if asked.all else ["v2", "v1"])
    asked.backend = asked.backend or BACK_ENDS
    return asked


def fetch(series):
    """The path of the kernel; None, with the reason on standard error, when there is none."""
    done = subprocess.run([HERE / "fetch_kernel.sh", series], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, SKIPPED):
        sys.exit(done.returncode)
    return done.stdout.strip() or None


def machines(asked):
    for series in asked.kernel:
        kernel = fetch(series)
        for layout in asked.layout if kernel else []:
            for back_end in asked.backend:
                # How cgroups are read does not depend on the back end: not every pair for all.
                told_elsewhere = asked.all and layout != "v2" and back_end != "fexit"
                if has(series, back_end) and not told_elsewhere:
                    yield Machine(series, kernel, layout, back_end)


def chosen_tests(asked, bin_directory):
    """The programs to run, and the filter for all of them."""
    built = {re.fullmatch("live_(.*)_test", path.name)[1]
             for path in bin_directory.glob("live_*_test")}
    patterns = [word for word in asked.tests if word not in built]
    programs = [word for word in asked.tests if word in built] or sorted(built)
    # There is no web server in the image, and nothing to make root file systems from. Health depends
    # on no kernel, and its tests wait long.
    return programs, (":".join(patterns) or "*") + "-VerifyNginxTest.*:HealthTest.*"


def programs_for(machine, programs, asked):
    # What a check means does not depend on the layout either, and takes the longest to test.
    once = asked.all and machine.layout != "v2"
    return [program for program in programs if not (once and program == "capability")]


def print_table(run):
    print("| kernel | cgroups | back end | passed | failed | skipped | seconds |")
    print("|---|---|---|---|---|---|---|")
    for machine in run:
        print(f"| {machine.release or machine.series} | {machine.layout} | {machine.back_end} "
              f"| {machine.passed} | {machine.failed} | {len(machine.skipped)} "
              f"| {machine.seconds:.0f} |")


def main():
    asked = arguments()
    for program in PROGRAMS:
        if not shutil.which(program):
            print(f"needs {program}")
            return SKIPPED
    run = list(machines(asked))
    if not run:
        return SKIPPED  # why, fetch_kernel.sh has said
    bin_directory = Path(os.environ.get("CAPMON_BIN_DIR", REPOSITORY / "build/release/bin")).resolve()
    programs, pattern = chosen_tests(asked, bin_directory)
    kept = Path(os.environ.get("CAPMON_RESULTS", REPOSITORY / "build/results")) / "vm"
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(os.cpu_count()) as pool:
        image = Path(work) / "image"
        subprocess.run([HERE / "build_image.sh", image, bin_directory], check=True)
        ended = pool.map(lambda machine: machine.run(
            image, programs_for(machine, programs, asked), pattern, kept), run)
        for machine in ended:
            machine.print_results()
    print_table(run)
    failed = sum(machine.failed for machine in run)
    print(f"{sum(machine.passed for machine in run)} tests passed, {failed} failed")
    return failed > 0


sys.exit(main())
