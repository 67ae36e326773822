# SPDX-License-Identifier: Apache-2.0
"""How long it takes until a fact reaches a reader."""
import contextlib
import json
import random
import subprocess
import tempfile
import threading
import time

import host
from daemon import Capmond, Container

SENTENCE = "from a system call to capmon watch and to an alert; start-up; naming a container"
TITLE = "Latency"
PROGRAMS = ["capmond", "capmon", "bench_some_checks", "bench_naming_latency"]
REQUESTS = 6  # of each container: as many as bench_some_checks has capabilities


class Lines:
    """The lines of a command, each with the time when it was read."""

    def __init__(self, command):
        self.read = []
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def follow(self):
        for line in self.process.stdout:
            self.read.append((time.monotonic(), line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.thread.join()

    def first_of(self, container, since):
        """When the first line about it was read, if within a second; the next check is later."""
        return next((at for at, line in self.read
                     if since < at < since + 1 and container in line), None)


def requests(options, capmond):
    """(container, time) for each check that one container made on request."""
    with Container() as container:
        process = container.start([options.bin / "bench_some_checks", "-"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(1.5)
        capmond.capmon("baseline", container.id)
        for _ in range(REQUESTS):
            time.sleep(1 + random.random() / 2)  # at any time of capmond's ticks
            yield container.id, time.monotonic()
            process.stdin.write("\n")
            process.stdin.flush()
        time.sleep(1.5)
        process.stdin.close()
        process.wait()


def streams(options, containers):
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        capmond = stack.enter_context(Capmond(options, directory))
        watch = stack.enter_context(Lines(capmond.line("watch", "--noise", "-o", "jsonl")))
        alerts = stack.enter_context(Lines(capmond.line("alerts", "-f", "-o", "jsonl")))
        made = [one for _ in range(containers) for one in requests(options, capmond)]
        time.sleep(1)
    return {name: [lines.first_of(container, at) - at for container, at in made
                   if lines.first_of(container, at)]
            for name, lines in (("capmon watch", watch), ("an alert", alerts))}, len(made)


def start_ups(options, count):
    for _ in range(count):
        with tempfile.TemporaryDirectory() as directory, Capmond(options, directory) as capmond:
            yield capmond.seconds_to_serve


def run(options):
    host.need_root()
    latencies, made = streams(options, 1 if options.quick else 25)
    latencies["start"] = list(start_ups(options, 2 if options.quick else 15))
    try:
        latencies["named"] = host.run_json(options.bin / "bench_naming_latency",
                                           2 if options.quick else 20)
    except host.CannotMeasure as reason:
        print(f"left out: naming: {reason}", flush=True)
    return {"seconds": latencies, "made": made}


def row(name, seconds):
    return [name, len(seconds), *(f"{1000 * host.quantile(seconds, share):.0f}"
                                  for share in (0.5, 0.99))]


def sections(result):
    seconds = result["seconds"]
    yield (f"{result['made']} checks of capabilities that their containers had not used before, at random moments. Lines are\n"
           "read from `capmon watch` and `capmon alerts -f`; alerts beyond the limits for one finding are held back.\n"
           "Naming is that of a container of Docker, from the moment its cgroup is there.")
    names = {"capmon watch": "system call to `capmon watch`", "an alert": "system call to an alert",
             "start": "start of capmond to its first answer", "named": "cgroup of a container to its name"}
    yield host.table(["from … to …", "measured", "p50 ms", "p99 ms"],
                     *(row(names[name], values) for name, values in seconds.items() if values))
