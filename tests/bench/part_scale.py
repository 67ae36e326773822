# SPDX-License-Identifier: Apache-2.0
"""How capmond grows with containers, with kinds of checks and with checks. The containers are
real cgroups in which a program made checks of about 25 kinds."""
import contextlib
import json
import subprocess
import tempfile
import time

import host
import svg
from daemon import Capmond, Container

SENTENCE = "memory, CPU and answers at 10 to 4,000 containers, and over 10,000 short-lived ones"
TITLE = "Many containers"
PROGRAMS = ["capmond", "capmon", "bench_some_checks", "bench_drain_time", "bench_api_latency"]
RATES = [0, 1_000, 10_000, 100_000, 300_000, 600_000]  # checks a second


def wait_until_listed(capmond, count):
    for _ in range(240):
        if int(capmond.json("status")["counters"].get("containers", 0)) >= count:
            return
        time.sleep(0.5)
    raise host.CannotMeasure(f"capmond did not list {count} containers")


def idle_share(capmond, seconds):
    """CPU time for each second, in percent of one CPU."""
    before = capmond.cpu_seconds()
    time.sleep(seconds)
    return 100 * (capmond.cpu_seconds() - before) / seconds


def profile_times(capmond, containers, calls):
    end = time.monotonic() + 20
    for number in range(calls):
        if time.monotonic() > end:
            return
        reference = containers[number % len(containers)].id
        started = time.monotonic()
        done = capmond.capmon("profile", reference, "-o", "json")
        if done.returncode != 0:
            print(done.stderr.strip(), flush=True)
            return
        yield time.monotonic() - started


def percentiles(seconds):
    """None where no call was answered."""
    return seconds and {"p50": host.quantile(seconds, 0.5), "p99": host.quantile(seconds, 0.99)}


def measure(options, capmond, drain, containers):
    wait_until_listed(capmond, len(containers))
    drain.stdin.write("\n")
    drain.stdin.flush()
    row = {"containers": len(containers), "drain": json.loads(drain.stdout.readline())}
    calls = 20 if options.quick else 300
    row["idle"] = idle_share(capmond, 2 if options.quick else 10)
    answers = host.run_json(options.bin / "bench_api_latency", capmond.address, calls)
    answers["capmon profile"] = list(profile_times(capmond, containers, 5 if options.quick else 100))
    row["answers"] = {name: percentiles(values) for name, values in answers.items()}
    row["memory"], row["threads"] = capmond.memory_and_threads()
    row["lost"] = {cause: int(count) for cause, count in capmond.json("status")["lost"].items()}
    return row


def grow(options, sizes):
    """One capmond, and more and more containers."""
    rows, containers = [], []
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        capmond = stack.enter_context(Capmond(options, directory))
        drain = stack.enter_context(subprocess.Popen(
            [options.bin / "bench_drain_time"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True))
        stack.callback(drain.stdin.close)
        drain.stdout.readline()
        for size in sizes:
            print(f"{size} containers", flush=True)
            while len(containers) < size:
                containers.append(stack.enter_context(Container()))
                containers[-1].run(options.bin / "bench_some_checks")
            rows.append(measure(options, capmond, drain, containers))
    return rows


def short_lived(options, count):
    """Memory after each tenth."""
    with tempfile.TemporaryDirectory() as directory, Capmond(options, directory) as capmond:
        memory = []
        for number in range(count):
            with Container() as container:
                container.run(options.bin / "bench_some_checks")
            if (number + 1) % (count // 10) == 0:
                print(f"{number + 1} short-lived containers", flush=True)
                time.sleep(2)
                memory.append([number + 1, capmond.memory_and_threads()[0]])
        return memory


def at_rates(options, rates, seconds):
    """CPU of capmond while one process makes checks; how many it made."""
    with tempfile.TemporaryDirectory() as directory, Capmond(options, directory) as capmond, \
            Container() as container:
        rows = []
        for rate in rates:
            before, started = capmond.cpu_seconds(), time.monotonic()
            if rate:
                container.run(options.bin / "bench_some_checks", rate, seconds,
                              stdout=subprocess.DEVNULL)
            else:
                time.sleep(seconds)
            took = time.monotonic() - started
            rows.append([rate * seconds / took, 100 * (capmond.cpu_seconds() - before) / took])
        return rows


def run(options):
    host.need_root()
    if options.quick:
        return {"rows": grow(options, [10, 50]), "short": short_lived(options, 100),
                "rates": at_rates(options, [0, 10_000], 2)}
    return {"rows": grow(options, [10, 250, 1000, 4000]), "short": short_lived(options, 10_000),
            "rates": at_rates(options, RATES, 10)}


def milliseconds(answer):
    return answer and f"{1000 * answer['p50']:.2f} / {1000 * answer['p99']:.2f}"


def shown_losses(lost):
    """By cause, as capmon status has them."""
    return ", ".join(f"{cause} {count}" for cause, count in lost.items()) or "0"


def sections(result):
    rows, short = result["rows"], result["short"]
    yield ("Containers are real cgroups, named as Docker names them, in each of which a program made checks of\n"
           "about 25 kinds. All of them run: none may be forgotten. CPU is of one CPU, capmond and its child processes\n"
           "together, while nothing happens. A drain reads every counter once, as capmond does twice a second.")
    yield host.table(
        ["containers", "RSS MiB", "threads", "CPU %", "drain ms", "lost"],
        *([row["containers"], f"{row['memory']:.1f}", row["threads"], f"{row['idle']:.1f}",
           f"{1000 * row['drain']['again']:.1f}", shown_losses(row["lost"])] for row in rows))
    yield ("Answers, p50 / p99 in ms. `GetProfile` reads all counters before it answers, unless the request is\n"
           "`without_refresh`; `capmon profile -o json` is a new process each time.")
    yield host.table(
        ["containers", "`GetProfile`", "without refresh", "`ListContainers`", "`capmon profile`"],
        *([row["containers"], *(milliseconds(row["answers"][name]) or "none" for name in
                                ("GetProfile", "GetProfile, stored", "ListContainers",
                                 "capmon profile"))]
          for row in rows))
    yield "Memory over short-lived containers, one after the other, each with the same checks:"
    yield host.table(["containers so far", "RSS MiB"],
                     *([count, f"{memory:.1f}"] for count, memory in short))
    yield "CPU of capmond while one process makes checks of one kind:"
    yield host.table(["checks a second", "CPU %"],
                     *([f"{rate:.0f}", f"{share:.1f}"] for rate, share in result["rates"]))


def pictures(result):
    drains = {name: [[row["drain"]["kinds"], 1000 * row["drain"][key]] for row in result["rows"]]
              for name, key in (("nothing new", "again"), ("all new", "first"))}
    return {"cost-of-keys.svg": svg.curve("Milliseconds to read all counters", "counters", drains),
            "cost-of-checks.svg": svg.curve("CPU of capmond, % of one CPU", "checks a second",
                                            {"capmond": result["rates"]})}
