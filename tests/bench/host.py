# SPDX-License-Identifier: Apache-2.0
"""The machine that is measured, and small help for all parts."""
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import time


class CannotMeasure(Exception):
    """A part needs what this machine lacks; the text says what."""


def cpu_model():
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def others_attached():
    """Programs on kernel functions and tracepoints before we attach any: each makes `nothing`
    something. Of pins, too, that an earlier capmond left."""
    if not shutil.which("bpftool") or os.geteuid() != 0:
        return 0
    done = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True,
                          check=False)
    kinds = ("tracing", "raw_tracepoint", "kprobe", "tracepoint", "lsm")
    try:
        return sum(program["type"] in kinds for program in json.loads(done.stdout))
    except ValueError:
        return 0


def busy_share(seconds=1):
    """Percent of all CPUs that others use now."""
    def spent():
        with open("/proc/stat") as lines:
            times = [int(word) for word in lines.readline().split()[1:]]
        return sum(times), times[3] + times[4]  # idle, and waiting for disks
    (whole, idle), _, (whole_after, idle_after) = spent(), time.sleep(seconds), spent()
    return round(100 - 100 * (idle_after - idle) / max(whole_after - whole, 1))


def describe(source):
    commit = subprocess.run(["git", "-C", source, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return {"kernel": platform.release(), "cpu": cpu_model(), "cores": os.cpu_count(),
            "date": datetime.date.today().isoformat(), "commit": commit or "unknown",
            "others": others_attached(), "busy": busy_share()}


def need_root():
    if os.geteuid() != 0:
        raise CannotMeasure("it needs root")


def run_json(*command):
    """Returns what a program of ours printed as JSON."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise CannotMeasure(f"{command[0]} ended with {done.returncode}")
    return json.loads(done.stdout)


def quantile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)]


def spread(values):
    """The median, and the quartiles around it."""
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return {"median": statistics.median(values), "low": low, "high": high}


def shown(values, digits=2):
    """`values`: of spread()."""
    return f"{values['median']:.{digits}f} ({values['low']:.{digits}f}–{values['high']:.{digits}f})"


def table(head, *rows):
    """A table that is read as text and as Markdown. Columns after the first are numbers."""
    rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    rule = "|".join("-" * (width + 1) + ("-" if column == 0 else ":")
                    for column, width in enumerate(widths))
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
