# SPDX-License-Identifier: Apache-2.0
"""`capmon minimize --docker` with cases in a private Docker, against the sets that leaving out one
capability at a time finds there."""

import dataclasses
import json
import math
import pathlib
import sys
import time

import capmon
import case as cases
import report
from capabilities import DOCKER_DEFAULT, host_bounding, ordered, text
from case import Case
from private_docker import Docker, DockerStage, check_line, wait_for
from truth import Search, Truth

ONLY_HERE = pathlib.Path(__file__).parent / "docker_cases"
SHARED = ("cron", "nginx", "ping", "postgresql", "vsftpd")
HEADER = ["case", "truth", "first answer", "after minimize", "exact", "runs", "undecided"]
ABOUT = """# `capmon minimize --docker` against leave-one-out

Written by `tests/corpus/run.sh --docker --table FILE`; [its README](../tests/corpus/README.md) describes
it. Each case runs in a container of a real Docker with Docker's default capabilities. The truth comes
from leaving out one of these at a time with `docker run --cap-drop ALL --cap-add ...`, then from
searching for the minimal sets among what is left. "A + (B or C)" are two minimal sets. `capmon minimize`
starts from the first answer, which is that of the container as users run it.
"""
CHECK_LIMIT = 5  # seconds at least
DEFAULT = DOCKER_DEFAULT & host_bounding()


@dataclasses.dataclass
class Twin:
    """One case and what was found about it."""

    case: Case
    truth: Truth
    first: capmon.Caps = frozenset()
    found: dict = dataclasses.field(default_factory=dict)  # the document of capmon minimize
    exact: bool = False
    failure: str = ""

    @property
    def keep(self) -> capmon.Caps:
        return frozenset(map(capmon.bare, self.found.get("keep", [])))

    def cells(self) -> list[str]:
        undecided = [capmon.bare(row["capability"]) for row in self.found.get("capabilities", [])
                     if row["finding"] == "undecided"]
        return [self.case.name, report.sets_text(self.truth), text(self.first), text(self.keep),
                report.yes(self.exact), str(len(self.found.get("runs", []))), text(undecided)]


def choose(shared: list[Case], names: list[str]) -> list[Case]:
    """The cases that run with Docker, or those of them that are named."""
    everything = [*(c for c in shared if c.name in SHARED), *cases.load_all(ONLY_HERE)]
    unknown = set(names) - {c.name for c in everything}
    if unknown:
        sys.exit(f"no case for Docker: {' '.join(sorted(unknown))}")
    return [c for c in everything if not names or c.name in names]


def leave_one_out(search: Search) -> Truth:
    """Runs the case with everything, then without each capability, then looks for the minimal
    sets among what is left."""
    truth = search.truth
    if not search.run(search.everything) and not search.run(search.everything):
        truth.broken = f"{search.last.reason}\n{search.last.output[-2000:]}"
        return truth
    truth.seconds = search.last.seconds
    truth.essential = frozenset(
        name for name in ordered(search.everything) if not search.run(search.everything - {name}))
    search.enumerate()
    truth.sets.sort(key=lambda caps: (len(caps), ordered(caps)))
    return truth


def state(docker: Docker, name: str) -> str:
    """What a search must not change."""
    return docker("inspect", "-f", "{{.State.StartedAt}} {{.State.Pid}} {{.State.Running}}", name)


def search(stage: DockerStage, daemon: capmon.Daemon, twin: Twin) -> None:
    """Starts the container as users do, with Docker's default set, and lets capmon search."""
    if twin.truth.broken:
        twin.failure = f"broken: {twin.truth.broken}"
        return
    docker, case, limit = stage.docker, twin.case, twin.truth.limit(twin.case)
    first = stage.start(case, case.name, DEFAULT)
    reason = wait_for(case, first, time.monotonic() + limit)
    if reason:
        twin.failure = f"its container does not do its job: {reason}"
        return
    before = state(docker, case.name)
    advice = daemon.run("profile", case.name, "-o", "json")  # findings are recorded later
    done = daemon.run("minimize", "-o", "json", "--docker", case.name, "--docker-socket",
                      docker.socket, "--check-timeout", str(max(CHECK_LIMIT, math.ceil(limit))),
                      "--check", check_line(case))
    try:
        twin.first = capmon.kept(json.loads(advice.stdout))
        twin.found = json.loads(done.stdout)
    except ValueError:
        twin.failure = f"capmon minimize: {done.stderr.strip()[-1000:]}"
        return
    if state(docker, case.name) != before:
        twin.failure = "its container was touched"
    elif twin.found["end"] != "done":
        twin.failure = twin.found["reason"]


def compare(stage: DockerStage, twin: Twin) -> None:
    """Sufficient and exact, both by runs where the truth does not have the set."""
    if twin.failure:
        return
    limit = twin.truth.limit(twin.case)
    if not stage.run(twin.case, twin.keep, limit, "compare").passed:
        twin.failure = f"not done with {text(twin.keep)}"
        return
    twin.exact = twin.keep in twin.truth.sets or (
        not any(known < twin.keep for known in twin.truth.sets) and not any(
            stage.run(twin.case, twin.keep - {name}, limit, "less").passed for name in twin.keep))
    if not twin.exact:
        twin.failure = f"more than the truth: {report.sets_text(twin.truth)}"


def left_behind(docker: Docker, chosen: list[Case]) -> str:
    names = set(docker("ps", "-a", "--format", "{{.Names}}").split())
    volumes = docker("volume", "ls", "-q").split()
    extra = names - {c.name for c in chosen}
    declared = sum(bool(c.volume) for c in chosen)
    return f"containers {extra}, {len(volumes)} volumes" if extra or len(volumes) > declared else ""


def travel(session, root: pathlib.Path, bin_dir: pathlib.Path, chosen: list[Case]) -> int:
    """Runs everything, prints it, and returns the exit status."""
    with Docker(session.stage.dir) as docker:
        stage = DockerStage(docker, root)

        def measure(case: Case) -> Twin:
            stage.make_image(case)
            return Twin(case, leave_one_out(Search(stage, case, DEFAULT, session.say)))

        twins = session.for_each(chosen, measure)
        with capmon.Daemon(bin_dir, session.stage.dir, docker_socket=docker.socket) as daemon:
            session.for_each(twins, lambda twin: search(stage, daemon, twin))
        session.for_each(twins, lambda twin: compare(stage, twin))
        left = left_behind(docker, chosen)
    if session.args.table:
        session.args.table.write_text(markdown(twins))
    return show(twins, left)


def show(twins: list[Twin], left: str) -> int:
    print(report.table(HEADER, [twin.cells() for twin in twins]))
    for twin in twins:
        for line in twin.truth.flaky:
            print(f"{twin.case.name}: flaky: {line}")
        if twin.failure:
            print(f"{twin.case.name}: {twin.failure}")
    if left:
        print(f"left behind: {left}")
    failed = sum(bool(twin.failure) for twin in twins) + bool(left)
    print(f"{len(twins) + bool(left) - failed} passed, {failed} failed")
    return 1 if failed else 0


def markdown(twins: list[Twin]) -> str:
    """docs/minimize-docker.md"""
    lines = [ABOUT, f"| {' | '.join(HEADER)} |", "|---" * len(HEADER) + "|"]
    lines += [f"| {' | '.join(cell.replace('|', 'or') for cell in twin.cells())} |" for twin in twins]
    return "\n".join(lines) + "\n"
