# SPDX-License-Identifier: Apache-2.0
"""Leaves what capmond saw of each case in tests/replay/corpus, so that the answers can be checked
without root and without containers.

A recording holds what concerns the case's own container. Times, process ids and the cgroup's id are
renumbered, so that a renewed recording differs only where the case behaved differently, and samples
that differ in nothing else are written once."""

import pathlib
import re

from capabilities import text
from capmon import bare
from report import Answer, Row

DIRECTORY = pathlib.Path(__file__).parents[1] / "replay/corpus"
TRUTH = DIRECTORY / "truth.tsv"
HEADER = "capmon-recording 1"
TRUTH_HEADER = ["# SPDX-License-Identifier: Apache-2.0",
                "# case\tminimal sets\tkept beyond one of them\tunknown"]
FIRST_TIME = 1767225600 * 10**9  # 2026-01-01
CGROUP = 7
FIRST_NUMBER = 1000  # of processes and files
MOST_BYTES = 128 * 1024


class Recording:
    """What one capmond recorded, of every cgroup."""

    def __init__(self, path: pathlib.Path):
        self.lines = path.read_text().splitlines()
        if self.lines[:1] != [HEADER]:
            raise RuntimeError(f"{path} is not a recording")

    def of(self, cgroup: str) -> list[str]:
        """The events of the container with this cgroup, and those that concern every container."""
        own = re.compile(r" path=(/\S+)*" + re.escape(cgroup) + "( |$)")
        ids = {field(line, "id") for line in self.lines
               if line.startswith("cgroup ") and own.search(line)}
        if len(ids) != 1:
            raise RuntimeError(f"{len(ids)} cgroups {cgroup} were recorded")
        (number,) = ids
        made = self._first("cgroup", number)
        removed = self._first("removed", number)
        kept = []
        for at, line in enumerate(self.lines):
            word = line.split(" ", 1)[0]
            own = number in (field(line, "cgroup"), field(line, "id"))
            everyones = word == "source" or (
                made < at < removed and word == "lost" and not field(line, "cgroup"))
            # The time matters, and only once after each batch.
            batch = word == "clock" and kept and not kept[-1].startswith("clock ")
            if own or everyones or batch:
                kept.append(line)
        return renumbered(without_repeats(kept), number, int(field(self.lines[made], "t")))

    def _first(self, word: str, number: str) -> int:
        """The line with the first such event of a cgroup, or the end."""
        return next((at for at, line in enumerate(self.lines)
                     if line.startswith(f"{word} ") and field(line, "id") == number),
                    len(self.lines))


def field(line: str, name: str) -> str:
    found = re.search(f" {name}=(\\S*)", line)
    return found.group(1) if found else ""


def without_repeats(lines: list[str]) -> list[str]:
    seen, kept = set(), []
    for line in lines:
        if line.startswith("sample "):
            same = re.sub(r" (t|pid|tid)=\d+", "", line)
            if same in seen:
                continue
            seen.add(same)
        kept.append(line)
    return kept


def renumbered(lines: list[str], cgroup: str, made: int) -> list[str]:
    """`made`: when the container's cgroup was made."""
    numbers: dict[tuple[str, str], int] = {}

    def time(found: re.Match) -> str:
        return f" {found[1]}={max(int(found[2]) - made, -1) + FIRST_TIME}"

    def number(found: re.Match) -> str:
        kind = found[1].replace("tid", "pid")
        small = numbers.setdefault((kind, found[2]), len(numbers) + FIRST_NUMBER)
        return f" {found[1]}={small}"

    renewed = []
    for line in lines:
        line = re.sub(r" (t|unread-since)=(\d+)", time, line)
        line = re.sub(r" (pid|tid|exe|inode)=(\d+)", number, line)
        line = re.sub(f" (cgroup|id)={cgroup}( |$)", rf" \1={CGROUP}\2", line)
        renewed.append(re.sub(r"( kernel=\d+\.\d+\.\d+)\S*", r"\1", line))
    return renewed


def truth_row(row: Row) -> list[str]:
    """What the case needs, and how the answer differs from that: "-" where it does not."""
    answer: Answer = row.full
    sets = list(row.truth.sets)
    if answer.exact and answer.keep not in sets:
        sets.append(answer.keep)  # as good as those the search came across
    nearest = min((s for s in sets if s <= answer.keep), key=lambda s: len(answer.keep - s))
    advice = answer.profile.get("recommendation", {})
    unknown = frozenset(map(bare, advice.get("unknown", [])))
    return [row.case.name, " | ".join(text(s) for s in sets),
            text(answer.keep - nearest - unknown), text(unknown)]


def shortcoming(row: Row, recording: str) -> str:
    """Why a recording of the case would be no test; "" if it would."""
    if row.truth.broken:
        return row.truth.broken
    if row.full is None or row.full.error or not row.full.sufficient:
        return (row.full and row.full.error) or "the answer is not sufficient"
    if len(recording) > MOST_BYTES:
        return f"it has {len(recording)} bytes, more than {MOST_BYTES}"
    return ""


def leave(recording: Recording, rows: list[Row]) -> int:
    """Writes a recording for each case with a sufficient answer, and its row of the truths. The
    exit status."""
    known = TRUTH.read_text().splitlines()[len(TRUTH_HEADER):] if TRUTH.exists() else []
    table = {line.split("\t")[0]: line for line in known}
    left_out = 0
    for row in rows:
        name, events = row.case.name, ""
        if row.full is not None and not row.full.error:
            events = "\n".join([HEADER, *recording.of(row.full.cgroup)]) + "\n"
        if reason := shortcoming(row, events):
            print(f"no recording of {name} is left: {reason}")
            left_out += 1
            continue
        (DIRECTORY / f"{name}.events").write_text(events)
        table[name] = "\t".join(truth_row(row))
    TRUTH.write_text("\n".join([*TRUTH_HEADER, *(table[name] for name in sorted(table))]) + "\n")
    print(f"{len(rows) - left_out} recordings in {DIRECTORY}")
    return 1 if left_out else 0
