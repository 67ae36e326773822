# SPDX-License-Identifier: Apache-2.0
"""What ordinary programs lose. The four conditions of a round follow each other; the next round
has them in the opposite order."""
import contextlib
import tempfile
import time
from pathlib import Path

import host
from daemon import Capmond, Churn
from workloads import ALL

SENTENCE = "what ordinary programs lose, while containers are quiet and while new ones start"
TITLE = "Ordinary programs"
PROGRAMS = ["capmond", "capmon"]
CONDITIONS = [(False, False), (True, False), (False, True), (True, True)]  # attached, churn


# As capmond is when it has run for a while: what exists at its start is learned for a second, and of
# the churn it has seen some starts.
LEARNED = ["--learn-for", "1"]
SETTLED = {False: 3, True: 16}  # seconds, by churn


def name_of(attached, churn):
    return ("capmond" if attached else "nothing") + (", churn" if churn else "")


def start_workloads(stack, directory):
    started = []
    for number, kind in enumerate(ALL):
        own = directory / str(number)
        own.mkdir()
        try:
            started.append(stack.enter_context(kind(own)))
        except host.CannotMeasure as reason:
            print(f"left out: {kind.name}: {reason}", flush=True)
    return started


def one_condition(options, workloads, attached, churn):
    with contextlib.ExitStack() as stack:
        own = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if attached:
            stack.enter_context(Capmond(options, own, *([] if churn else LEARNED)))
        if churn:
            stack.enter_context(Churn())
        time.sleep(SETTLED[churn])
        return {workload.name: workload.run() for workload in workloads}


def run(options):
    host.need_root()
    rounds = 1 if options.quick else 7
    seconds = {}
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=memory)))
        workloads = start_workloads(stack, directory)
        for workload in workloads:  # fills the caches
            workload.run()
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            for attached, churn in CONDITIONS[::-1] if number % 2 else CONDITIONS:
                times = one_condition(options, workloads, attached, churn)
                for workload, took in times.items():
                    seconds.setdefault(workload, {}).setdefault(name_of(attached, churn),
                                                                []).append(took)
    return {"rounds": rounds, "seconds": seconds}


def ratio(times, over, under):
    return host.shown(host.spread([a / b for a, b in zip(times[over], times[under])]), 3)


def sections(result):
    yield (f"{result['rounds']} rounds. Times with capmond, as a ratio to the same without it. In a churn a new container\n"
           "starts every 2 seconds, with or without capmond: a cgroup as Docker makes it, in which a shell runs a\n"
           "few programs. Quiet containers are past their start, in which capmond watches all system calls; of the churn it has\n"
           "seen some starts before the round begins.\n"
           "In the last column nothing but the churn differs.")
    yield host.table(
        ["program", "containers quiet", "churn", "the churn itself"],
        *([name, ratio(times, "capmond", "nothing"), ratio(times, "capmond, churn", "nothing, churn"),
           ratio(times, "nothing, churn", "nothing")]
          for name, times in result["seconds"].items()))
