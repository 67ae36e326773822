# SPDX-License-Identifier: Apache-2.0
"""Ground truth: the minimal capability sets under which a case still does its job.

Found by taking capabilities away and running the case. One assumption shortens the search: more
capabilities never hurt, so what passes with a set passes with every larger one. It is used to skip
runs, never for the result: each minimal set is run again, and again without each of its members.
"""

import dataclasses
import hashlib
import json
import pathlib

from capabilities import DOCKER_DEFAULT, ordered
from case import Case
from container import Outcome, Stage

# The search is quickest when what is needed stands together: rare first, common last.
COMMON = """SYS_RESOURCE SYS_PTRACE SYS_NICE DAC_READ_SEARCH SYS_ADMIN NET_ADMIN MKNOD SETFCAP
SETPCAP AUDIT_WRITE SYS_CHROOT NET_RAW KILL FSETID FOWNER NET_BIND_SERVICE CHOWN DAC_OVERRIDE SETGID
SETUID""".split()
MAX_SETS = 12  # of one case; the search stops there and says so
Caps = frozenset[str]


@dataclasses.dataclass
class Truth:
    sets: list[Caps]  # every minimal set found, smallest first
    essential: Caps  # leave-one-out: removing any of these alone breaks the case
    runs: int
    flaky: list[str]  # runs that went one way and then the other
    broken: str = ""  # why it fails even with everything
    complete: bool = True
    default_passes: bool = False  # under Docker's default set
    seconds: float = 0.0  # of the fully privileged run

    def limit(self, case: Case) -> float:
        """How long a run may take before it counts as failed."""
        return min(case.patience, 3 + 4 * self.seconds)


class Search:
    def __init__(self, stage: Stage, case: Case, everything: Caps, say):
        self.stage, self.case, self.everything, self.say = stage, case, everything, say
        self.passed: list[Caps] = []
        self.failed: list[Caps] = []
        self.truth = Truth([], frozenset(), 0, [])

    def run(self, caps: Caps) -> bool:
        full = caps == self.everything
        limit = self.case.patience if full else self.truth.limit(self.case)
        outcome = self.stage.run(self.case, caps, limit, "truth")
        self.truth.runs += 1
        self.say(f"{self.case.name}: {'pass' if outcome.passed else 'FAIL'} with "
                 f"{describe(caps, self.everything)} {outcome.reason}")
        (self.passed if outcome.passed else self.failed).append(caps)
        self.last = outcome
        return outcome.passed

    def passes(self, caps: Caps) -> bool:
        """As `run`, without running what is already settled by a smaller or a larger set."""
        if any(known <= caps for known in self.passed):
            return True
        if any(caps <= known for known in self.failed):
            return False
        return self.run(caps)

    def shrink(self, kept: Caps, candidates: list[str]) -> Caps:
        """Which candidates are needed beside `kept`, given that all of them together suffice.
        Halves are tried first, so that the many useless ones go in few runs."""
        if self.passes(kept):
            return frozenset()
        if len(candidates) == 1:
            return frozenset(candidates)
        middle = len(candidates) // 2
        first, second = candidates[:middle], candidates[middle:]
        needed = self.shrink(kept | frozenset(first), second)
        return needed | self.shrink(kept | needed, first)

    def settle(self, caps: Caps) -> Caps:
        """Proves `caps` minimal by fresh runs; drops the members a failure was not due to."""
        for name in ordered(caps):
            if self.run(caps - {name}):
                self.truth.flaky.append(f"failed, then passed without {name}")
                self.forget(caps - {name})
                return self.settle(caps - {name})
        if not self.run(caps):
            self.truth.flaky.append("passed, then failed with " + " ".join(ordered(caps)))
            self.forget(caps)
            self.run(caps)
        return caps

    def forget(self, caps: Caps) -> None:
        """Drops conclusions that contradict a later run of `caps`."""
        self.failed = [known for known in self.failed if not caps <= known]

    def find(self) -> Truth:
        if not self.run(self.everything) and not self.run(self.everything):
            self.truth.broken = f"{self.last.reason}\n{tail(self.last)}"
            return self.truth
        self.truth.seconds = self.last.seconds
        if not self.run(frozenset()):
            self.truth.default_passes = self.run(DOCKER_DEFAULT & self.everything)
        else:
            self.truth.default_passes = True
        self.enumerate()
        self.truth.sets.sort(key=lambda caps: (len(caps), ordered(caps)))
        common = frozenset.intersection(*self.truth.sets)
        self.truth.essential = frozenset(
            name for name in common if not self.passes(self.everything - {name}))
        return self.truth

    def enumerate(self) -> None:
        """Every minimal set: after one is found, forbid each of its members in turn and search
        again among the rest."""
        waiting = [frozenset()]
        seen = set()
        while waiting:
            forbidden = waiting.pop(0)
            if forbidden in seen:
                continue
            seen.add(forbidden)
            allowed = self.everything - forbidden
            if not self.passes(allowed):
                continue
            found = next((caps for caps in self.truth.sets if caps <= allowed), None)
            if found is None:
                if len(self.truth.sets) == MAX_SETS:
                    self.truth.complete = False
                    return
                rare_first = sorted(allowed, key=lambda n: COMMON.index(n) if n in COMMON else -1)
                found = self.settle(self.shrink(frozenset(), rare_first))
                if found not in self.truth.sets:
                    self.truth.sets.append(found)
            waiting += [forbidden | {name} for name in ordered(found)]


def one_by_one(search: Search) -> list[str]:
    """Leave-one-out to the letter: every single removal is run. Says what disagrees."""
    disagree = []
    for name in ordered(search.everything):
        expected = name not in search.truth.essential
        results = [search.run(search.everything - {name})]
        if results[0] != expected:
            results.append(search.run(search.everything - {name}))
        if expected not in results:
            verb = "breaks" if expected else "does not break"
            disagree.append(f"removing {name} alone {verb} it")
    return disagree


def describe(caps: Caps, everything: Caps) -> str:
    if len(caps) * 2 > len(everything):
        return "all but " + (" ".join(ordered(everything - caps)) or "none")
    return " ".join(ordered(caps)) or "none"


def tail(outcome: Outcome, lines: int = 12) -> str:
    return "\n".join(outcome.output.splitlines()[-lines:])


class Cache:
    """Truths by the hash of everything they depend on."""

    def __init__(self, dir: pathlib.Path, surroundings: str):
        self.dir = dir / "truth"
        self.dir.mkdir(parents=True, exist_ok=True)
        self.surroundings = surroundings

    def path(self, case: Case) -> pathlib.Path:
        key = hashlib.sha256((self.surroundings + case.text).encode()).hexdigest()[:16]
        return self.dir / f"{case.name}-{key}.json"

    def get(self, case: Case) -> Truth | None:
        path = self.path(case)
        if not path.exists():
            return None
        fields = json.loads(path.read_text())
        fields["sets"] = [frozenset(caps) for caps in fields["sets"]]
        fields["essential"] = frozenset(fields["essential"])
        return Truth(**fields)

    def put(self, case: Case, truth: Truth) -> None:
        fields = dataclasses.asdict(truth)
        fields["sets"] = [ordered(caps) for caps in truth.sets]
        fields["essential"] = ordered(truth.essential)
        temporary = self.path(case).with_suffix(".new")
        temporary.write_text(json.dumps(fields, indent=1) + "\n")
        temporary.rename(self.path(case))
