# SPDX-License-Identifier: Apache-2.0
"""What a check and an unrelated system call cost."""
import host

SENTENCE = "what is added to a capability check and to an unrelated system call"
TITLE = "A check, and any other system call"
PROGRAMS = ["bench_check_cost"]
CALLS = {"check": "a capability check", "getppid": "getppid, which makes no check"}


def measure(options, programs):
    host.need_root()
    return host.run_json(options.bin / "bench_check_cost", programs, 3 if options.quick else 15)


def run(options):
    return measure(options, "check")


def rows(times, with_floor):
    """`times`: by what is attached, one for each round."""
    base = times["nothing"]
    added = {name: host.spread([value - b for value, b in zip(values, base)])["median"]
             for name, values in times.items()}
    for name in sorted(times, key=lambda name: (name != "nothing", name != "empty", added[name])):
        ratio = host.spread([value / b for value, b in zip(times[name], base)])
        row = [name, round(host.spread(times[name])['median']), round(added[name]),
               host.shown(ratio)]
        yield row + [f"{added[name] / added['empty']:.2f}"] if with_floor else row


def call_table(title, times, with_floor):
    head = ["attached", "ns", "added ns", "ratio to nothing"]
    if with_floor:
        head.append("added, empty = 1")
    return f"**{title}**\n\n" + host.table(head, *rows(times, with_floor))


def sections(result):
    yield (f"{result['rounds']} rounds. `empty` is a program that does nothing on the hook of a check, the least that any tool can\n"
           "add there; the two on sys_exit are the same on the end of every system call. `watching calls` is capmon while\n"
           "it records the results of system calls.")
    for backend, calls in result["nanoseconds"].items():
        for call, title in CALLS.items():
            yield call_table(f"{title}, back end {backend}", calls[call], with_floor=call == "check")
