# SPDX-License-Identifier: Apache-2.0
"""The round trip: the settings capmon writes for a runtime, put to use as they are."""

import copy
import dataclasses
import json

import capmon
from capabilities import text
from case import Case
from report import Row

LEAST_EXACT = 10  # of the cases of a whole run; fewer would say little


@dataclasses.dataclass
class Trip:
    case: Case
    kept: capmon.Caps = frozenset()
    exact: bool = False  # by the measured truth: then every one of them is needed
    failure: str = ""

    def __str__(self) -> str:
        less = ", not with any one less" if self.exact and self.kept else ""
        more = "" if self.exact else ", which is more than it needs"
        return f"{self.case.name}: {self.failure or f'done with {text(self.kept)}{less}{more}'}"


def without(part: dict, name: str) -> dict:
    less = copy.deepcopy(part)
    for names in less["process"]["capabilities"].values():
        names[:] = [other for other in names if capmon.bare(other) != name]
    return less


def travel(session, daemon: capmon.Daemon, row: Row) -> Trip:
    """Learns the case with everything, then does it with the settings and with each capability
    less: where the truth knows no smaller set, that must fail."""
    trip, written, stage = Trip(row.case), [], session.stage
    if row.truth.broken:
        trip.failure = f"broken: {row.truth.broken}"
        return trip
    learned = stage.run(row.case, session.everything, row.case.patience, "learn",
                        lambda cgroup: written.append(daemon.settings(cgroup, "oci")))
    if not learned.passed:
        trip.failure = f"the learning run failed: {learned.reason}"
        return trip
    part = json.loads(written[0])
    trip.kept = frozenset(map(capmon.bare, part["process"]["capabilities"]["bounding"]))
    trip.exact = not any(known < trip.kept for known in row.truth.sets)
    limit = row.truth.limit(row.case)
    outcomes = [stage.run(row.case, part, limit, "settings")]
    if not outcomes[0].passed:  # once more: a machine may have been too busy
        outcomes.append(stage.run(row.case, part, limit, "settings"))
    if not outcomes[-1].passed:
        trip.failure = f"not done with {text(trip.kept)}: {outcomes[-1].reason}"
        return trip
    for name in sorted(trip.kept) if trip.exact else ():
        if stage.run(row.case, without(part, name), limit, "less").passed:
            trip.failure = f"done with {text(trip.kept)}, and also without {name}"
    return trip


def show(trips: list[Trip], least_exact: int) -> int:
    """Prints what came of them; the exit status."""
    print(*trips, sep="\n")
    failed = sum(bool(trip.failure) for trip in trips)
    exact = sum(trip.exact and bool(trip.kept) and not trip.failure for trip in trips)
    print(f"{exact} of {len(trips)} by exactly what they need")
    if exact < least_exact:
        print(f"wanted {least_exact}")
    print(f"{len(trips) - failed} passed, {failed} failed")
    return 1 if failed or exact < least_exact else 0
