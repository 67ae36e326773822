# SPDX-License-Identifier: Apache-2.0
"""The accuracy corpus: measures what each case needs, and compares it with capmon's answer."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import platform
import subprocess
import sys
import threading
import time

import capmon
import case as cases
import minimize
import recordings
import report
import rootfs
import round_trip
import twins
from capabilities import DOCKER_DEFAULT, host_bounding, ordered
from container import Stage
from truth import Cache, Search, one_by_one

HERE = pathlib.Path(__file__).parent
EXACT_TARGET = {"all": 0.95, "fast": 0.90}  # a few cases cannot tell one miss from 95 %


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("cases", metavar="CASE", nargs="*", help="names; default: all")
    parser.add_argument("--fast", action="store_true", help="only the cases marked fast")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--root", action="store_true",
                        help="make the root file system, say where it is, and stop")
    parser.add_argument("--truth-only", action="store_true", help="do not run capmon")
    parser.add_argument("--try", dest="attempt", metavar="CAPS",
                        help="one run with these capabilities ('all', 'none', 'A B'), with output")
    parser.add_argument("--explain", metavar="CAP",
                        help="one run with everything, and what `capmon explain` says of CAP")
    parser.add_argument("--round-trip", action="store_true",
                        help="run with the settings of --as oci, and with each capability less where "
                        "the truth says that all are needed")
    parser.add_argument("--minimize", action="store_true",
                        help="let capmon minimize search for the smallest set, too")
    parser.add_argument("--docker", action="store_true",
                        help="let capmon minimize search with twins of containers in a private Docker")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE",
                        help="with --minimize or --docker: write its table as Markdown")
    parser.add_argument("--leave-recordings", action="store_true",
                        help="renew the recordings that the replay tier checks, for these cases")
    parser.add_argument("--thorough", action="store_true",
                        help="run every single removal too, also those a larger one settled")
    parser.add_argument("--fresh", action="store_true", help="measure again what is cached")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1),
                        help="cases at a time")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every run")
    args = parser.parse_args()
    if args.leave_recordings and args.truth_only:
        parser.error("--leave-recordings needs capmon, which --truth-only does not run")
    return args


def attempt(stage: Stage, chosen: list[cases.Case], names: str) -> int:
    """Runs one case with given capabilities; for writing cases."""
    words = {"all": host_bounding(), "none": frozenset()}
    caps = words.get(names, frozenset(names.upper().split()))
    for case in chosen:
        outcome = stage.run(case, caps, case.patience, "try")
        print(f"{case.name}: {outcome.reason or 'pass'} ({outcome.seconds:.1f} s to work, "
              f"{outcome.stop_seconds:.1f} s to stop)\n{outcome.output}")
    return 0


def explain(stage: Stage, daemon: capmon.Daemon, chosen: list[cases.Case], name: str) -> int:
    """The transcripts of docs/explain.md."""
    for case in chosen:
        def read(cgroup: str) -> None:
            print(f"$ capmon explain {case.name} {name}\n{daemon.explain(cgroup, name)}")
        stage.run(case, host_bounding(), case.patience, "explain", read)
    return 0


def select(everything: list[cases.Case], args: argparse.Namespace) -> list[cases.Case]:
    unknown = set(args.cases) - {c.name for c in everything}
    if unknown:
        sys.exit(f"no such case: {' '.join(sorted(unknown))}")
    chosen = [c for c in everything if not args.cases or c.name in args.cases]
    return [c for c in chosen if c.fast or not args.fast]


def surroundings(root: pathlib.Path) -> str:
    """Everything besides the case itself that a measurement depends on."""
    runner = [HERE / "container.py", HERE / "truth.py", *sorted((HERE / "inside").iterdir())]
    runc = subprocess.run(["runc", "--version"], check=True, capture_output=True, text=True).stdout
    parts = [rootfs.versions(root), platform.release(), runc, " ".join(ordered(host_bounding()))]
    return "\n".join(parts + [path.read_text() for path in runner])


class Session:
    def __init__(self, args: argparse.Namespace, stage: Stage, cache: Cache):
        self.args, self.stage, self.cache = args, stage, cache
        self.everything = host_bounding()
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        if self.args.verbose:
            with self._lock:
                print(line, flush=True)

    def for_each(self, items: list, function) -> list:
        with concurrent.futures.ThreadPoolExecutor(self.args.jobs) as pool:
            return list(pool.map(function, items))

    def measure(self, case: cases.Case) -> report.Row:
        truth = None if self.args.fresh else self.cache.get(case)
        if truth is None:
            search = Search(self.stage, case, self.everything, self.say)
            truth = search.find()
            if self.args.thorough and not truth.broken:
                truth.flaky += one_by_one(search)
            if not truth.broken:
                self.cache.put(case, truth)
        return report.Row(case, truth)

    def learn(self, daemon: capmon.Daemon, row: report.Row) -> None:
        """Runs the case under capmon's eyes: with everything, and with Docker's default."""
        if row.truth.broken:
            return
        row.full = self.ask(daemon, row, self.everything, "full")
        if row.truth.default_passes and not self.args.minimize:
            row.default = self.ask(daemon, row, DOCKER_DEFAULT & self.everything, "default")

    def ask(self, daemon: capmon.Daemon, row: report.Row, caps, label: str) -> report.Answer:
        answer = report.Answer()

        def read(cgroup: str) -> None:
            answer.cgroup = cgroup
            try:
                answer.profile = daemon.profile(cgroup)
            except RuntimeError as error:
                answer.error = str(error)

        outcome = self.stage.run(row.case, caps, row.case.patience, label, read)
        if not outcome.passed:
            answer.error = answer.error or f"the learning run failed: {outcome.reason}"
        answer.keep, answer.naive = capmon.kept(answer.profile), capmon.naive(answer.profile)
        return answer

    def verify(self, row: report.Row) -> None:
        """Sufficient: the job is done under the advice. Exact: and under nothing less."""
        for answer in filter(None, (row.full, row.default, row.minimized)):
            if answer.error:
                continue
            answer.sufficient = self.holds(row, answer.keep)
            answer.exact = answer.sufficient and (
                answer.keep in row.truth.sets or self.is_minimal(row, answer.keep))
            answer.naive_exact = answer.naive in row.truth.sets

    def holds(self, row: report.Row, caps) -> bool:
        limit = row.truth.limit(row.case)
        outcomes = []
        while len(outcomes) < 2 and True not in outcomes:
            outcome = self.stage.run(row.case, caps, limit, "verify")
            self.say(f"{row.case.name}: {'pass' if outcome.passed else 'FAIL'} with the advice "
                     f"{' '.join(ordered(caps))} {outcome.reason}")
            outcomes.append(outcome.passed)
        if outcomes == [False, True]:
            row.truth.flaky.append("failed, then passed with the advice")
        return outcomes[-1]

    def is_minimal(self, row: report.Row, caps) -> bool:
        """For advice the search did not come across; a larger set than a known one is not."""
        if any(known < caps for known in row.truth.sets):
            return False
        return not any(self.holds(row, caps - {name}) for name in caps)


def main() -> int:
    args = arguments()
    everything = cases.load_all()
    chosen = twins.choose(everything, args.cases) if args.docker else select(everything, args)
    if args.list:
        print(*(f"{c.name:14} {'fast' if c.fast else '    '} {c.about}" for c in chosen), sep="\n")
        return 0
    if os.geteuid() != 0:
        sys.exit("the corpus needs root: it makes containers")
    bin_dir = pathlib.Path(os.environ.get("CAPMON_BIN_DIR", HERE.parents[1] / "build/release/bin"))
    if not args.truth_only and not (bin_dir / "capmond").exists():
        sys.exit(f"no capmond in {bin_dir}: build it, set CAPMON_BIN_DIR, or use --truth-only")
    started = time.monotonic()
    cache_dir = pathlib.Path(os.environ.get("CAPMON_CORPUS_CACHE", "/var/cache/capmon/corpus"))
    root = rootfs.make(cache_dir, [p for c in everything for p in c.packages])
    if args.root:
        print(root)
        return 0
    stage = Stage(root)
    try:
        if args.attempt is not None:
            return attempt(stage, chosen, args.attempt)
        if args.explain:
            with capmon.Daemon(bin_dir, stage.dir) as daemon:
                return explain(stage, daemon, chosen, args.explain)
        session = Session(args, stage, Cache(cache_dir, surroundings(root)))
        if args.docker:
            return twins.travel(session, root, bin_dir, chosen)
        rows = session.for_each(chosen, session.measure)
        if args.round_trip:
            with capmon.Daemon(bin_dir, stage.dir) as daemon:
                trips = session.for_each(rows, lambda row: round_trip.travel(session, daemon, row))
            return round_trip.show(trips, 0 if args.cases else round_trip.LEAST_EXACT)
        if not args.truth_only:
            recorded = stage.dir / "all.events" if args.leave_recordings else None
            with capmon.Daemon(bin_dir, stage.dir, recorded) as daemon:
                session.for_each(rows, lambda row: session.learn(daemon, row))
                if args.minimize:
                    with minimize.serving(session, rows) as server:
                        session.for_each(
                            rows, lambda row: minimize.minimize(session, daemon, server, row))
            session.for_each(rows, session.verify)
            recording = recordings.Recording(recorded) if recorded else None
    finally:
        stage.close()
    report.show(rows, args.truth_only)
    if args.table and args.minimize:
        args.table.write_text(report.markdown(rows))
    if args.json:
        args.json.write_text(json.dumps(report.as_json(rows), indent=1) + "\n")
    if args.leave_recordings:
        return recordings.leave(recording, rows)
    print(f"{time.monotonic() - started:.0f} s")
    target = 0.0 if args.cases else EXACT_TARGET["fast" if args.fast else "all"]
    return report.verdict(rows, args.truth_only, target)


if __name__ == "__main__":
    sys.exit(main())
