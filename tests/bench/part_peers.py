# SPDX-License-Identifier: Apache-2.0
"""capmon beside other designs on the same hook, in the same run."""
import host
import part_check

SENTENCE = "capmon beside other designs on the same hook: what they add, and what they lose"
TITLE = "Other designs"
PROGRAMS = ["bench_check_cost", "bench_full_speed_loss"]


def run(options):
    result = part_check.measure(options, "peers")
    result["loss"] = host.run_json(options.bin / "bench_full_speed_loss",
                                   200_000 if options.quick else 1_000_000)
    return result


def sections(result):
    yield ("Each is a small program of our own on the hook of a check, with a receiver that only counts records: a\n"
           "record for each check through a ring buffer (8 MiB; its receiver is woken, or looks every millisecond)\n"
           "or a perf buffer (256 KiB for each CPU), some with the kernel stack; and one record for each system call\n"
           "that made a check, paired through a map at its begin and end. Real tools do more with each record.")
    (backend, calls), = result["nanoseconds"].items()
    for call, title in part_check.CALLS.items():
        yield part_check.call_table(f"{title}, back end {backend}", calls[call],
                                    with_floor=call == "check")
    yield "**All CPUs make checks at full speed**"
    yield host.table(
        ["design", "checks a second", "made", "received", "lost"],
        *([name, f"{run['made'] / run['seconds']:.0f}", run["made"], run["received"],
           f"{100 * max(run['made'] - run['received'], 0) / run['made']:.2f} %"]
          for name, run in sorted(result["loss"].items(), key=lambda item: item[0] != "capmon")
          if run))
