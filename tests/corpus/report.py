# SPDX-License-Identifier: Apache-2.0
"""What the corpus prints: the table, the percentages, and why each miss is one."""

import dataclasses
import statistics

import capmon
from capabilities import DOCKER_DEFAULT, ordered, text
from case import Case
from truth import Truth

Caps = frozenset[str]


@dataclasses.dataclass
class Answer:
    """What capmon said after watching one run, and whether it holds."""

    profile: dict = dataclasses.field(default_factory=dict)
    cgroup: str = ""
    keep: Caps = frozenset()
    naive: Caps = frozenset()
    error: str = ""
    sufficient: bool = False
    exact: bool = False
    naive_exact: bool = False
    search: dict = dataclasses.field(default_factory=dict)  # of capmon minimize: its document

    @property
    def runs(self) -> int:
        return len(self.search.get("runs") or [])


@dataclasses.dataclass
class Row:
    case: Case
    truth: Truth
    full: Answer | None = None  # from a run with every capability
    default: Answer | None = None  # from a run with Docker's default set
    minimized: Answer | None = None  # by capmon minimize

    def passed(self, truth_only: bool) -> bool:
        if self.truth.broken:
            return False
        if truth_only:
            return True
        answers = [self.full, *filter(None, (self.default, self.minimized))]
        return all(a is not None and not a.error and a.sufficient for a in answers)


def sets_text(truth: Truth) -> str:
    """A family of sets, what they share written once: "CHOWN + (SETUID | SETPCAP)"."""
    if truth.broken:
        return "BROKEN CASE"
    shared = frozenset.intersection(*truth.sets)
    rest = [text(caps - shared) for caps in truth.sets]
    if len(rest) == 1:
        return text(shared)
    joined = f"({' | '.join(rest)}{'' if truth.complete else ' | ...'})"
    return f"{' '.join(ordered(shared))} + {joined}" if shared else joined


def yes(value: bool) -> str:
    return "yes" if value else "NO"


def table(header: list[str], lines: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in [header, *lines])


def naive_text(answer: Answer, truth: Truth) -> str:
    """The naive list as what it has too many, for it is long."""
    extra = answer.naive - frozenset.union(*truth.sets)
    return f"{len(answer.naive)} (+{len(extra)}: {text(extra)})" if extra else text(answer.naive)


def show(rows: list[Row], truth_only: bool) -> None:
    if truth_only:
        print(table(["CASE", "TRUTH", "RUNS"],
                    [[r.case.name, sets_text(r.truth), str(r.truth.runs)] for r in rows]))
    else:
        print("\nFrom a run with every capability:")
        show_answers(rows, "full", with_truth=True)
        if any(r.default for r in rows):
            print("\nFrom a run with Docker's default set (cases that pass under it):")
            show_answers([r for r in rows if r.default], "default", with_truth=False)
        if any(r.minimized for r in rows):
            print("\nAfter capmon minimize:")
            print(table(MINIMIZED, minimized_lines(rows)))
            print(minimized_summary(rows))
        for row in rows:
            explain(row)
    for row in rows:
        if row.truth.broken:
            print(f"\n{row.case.name} is broken: {row.truth.broken}")
        for event in row.truth.flaky:
            print(f"flaky: {row.case.name}: {event}")


def show_answers(rows: list[Row], which: str, with_truth: bool) -> None:
    lines = []
    for row in rows:
        answer = getattr(row, which)
        told = [sets_text(row.truth)] if with_truth else []
        if answer is None or answer.error:
            told += [answer.error if answer else "-", "-", "-", "-"]
        else:
            told += [text(answer.keep), naive_text(answer, row.truth), yes(answer.sufficient),
                     yes(answer.exact)]
        lines.append([row.case.name, *told])
    truth = ["TRUTH"] if with_truth else []
    print(table(["CASE", *truth, "CAPMON", "NAIVE", "SUFFICIENT", "EXACT"], lines))
    print(summary(rows, which))


def summary(rows: list[Row], which: str) -> str:
    answers = [getattr(row, which) for row in rows]
    total = len(answers) or 1

    def share(field: str) -> str:
        count = sum(1 for a in answers if a is not None and getattr(a, field))
        return f"{count}/{len(answers)} ({100 * count / total:.1f} %)"

    known = sum(1 for a in answers if a is not None and a.exact and capmon.by_program(a.profile))
    return (f"sufficient {share('sufficient')}, exact {share('exact')}, "
            f"of these {known} by what programs.tsv knows of the program, "
            f"naive list exact {share('naive_exact')}")


MINIMIZED = ["CASE", "TRUTH", "FIRST ANSWER", "EXACT", "AFTER MINIMIZE", "EXACT AFTER MINIMIZE",
             "RUNS", "UNDECIDED"]


MARKDOWN_HEAD = """# The corpus after `capmon minimize`

Written by `tests/corpus/run.sh --minimize --table FILE`; [its README](../tests/corpus/README.md)
describes the corpus. The first answer comes from one run with every capability. `capmon minimize`
starts from it and is compared with the same truth: the minimal sets, found by leaving out one
capability at a time. *Runs* are those of its search, without the run that is observed first. What
is undecided is kept. "A + (B or C)" are two minimal sets.
"""


def minimized_lines(rows: list[Row]) -> list[list[str]]:
    lines = []
    for row in rows:
        now, first = row.minimized, row.full
        if now is None or first is None:
            continue
        undecided = [capmon.bare(found["capability"])
                     for found in now.search.get("capabilities") or []
                     if found["finding"] == "undecided"]
        lines.append([row.case.name, sets_text(row.truth), first.error or text(first.keep),
                      yes(first.exact), now.error or text(now.keep),
                      yes(now.exact) if now.sufficient else "NOT SUFFICIENT", str(now.runs),
                      text(undecided)])
    return lines


def minimized_summary(rows: list[Row]) -> str:
    runs = [row.minimized.runs for row in rows if row.minimized]
    if not runs:
        return "nothing was minimized"
    return (f"{len(runs)} cases; first answer: {shares(rows, 'full')}; after minimize: "
            f"{shares(rows, 'minimized')}; runs: median {statistics.median(runs):g}, "
            f"at most {max(runs)}, {sum(runs)} in all")


def shares(rows: list[Row], which: str) -> str:
    answers = [getattr(row, which) for row in rows if row.minimized]
    parts = []
    for field in ("sufficient", "exact"):
        count = sum(1 for a in answers if a is not None and getattr(a, field))
        parts.append(f"{field} {count} ({100 * count / len(answers):.1f} %)")
    return ", ".join(parts)


def markdown(rows: list[Row]) -> str:
    """The same table for docs."""
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "or") for cell in cells) + " |"

    head = [cell.capitalize() for cell in MINIMIZED]
    return "\n".join([MARKDOWN_HEAD, f"{minimized_summary(rows)}.", "", line(head),
                      "|---" * len(head) + "|", *map(line, minimized_lines(rows))]) + "\n"


def explain(row: Row) -> None:
    """Names the call sites behind each capability too many or too few."""
    for which in ("full", "default"):
        answer = getattr(row, which)
        if answer is None or (answer.sufficient and answer.exact):
            continue
        print(f"\n{row.case.name} ({which}): {answer.error or 'why'}")
        if answer.error:
            continue
        nearest = min(row.truth.sets, key=lambda caps: len(caps ^ answer.keep))
        for name in ordered(nearest - answer.keep):
            print("missing " + "\n".join(capmon.because(answer.profile, name)))
        for name in ordered(answer.keep - nearest):
            print("too many " + "\n".join(capmon.because(answer.profile, name)))


def exactness(rows: list[Row]) -> float:
    return sum(1 for r in rows if r.full and r.full.exact) / max(1, len(rows))


def verdict(rows: list[Row], truth_only: bool, target: float) -> int:
    """Prints the closing line; the exit status."""
    passed = sum(row.passed(truth_only) for row in rows)
    status = 0 if passed == len(rows) else 1
    if not truth_only and exactness(rows) < target:
        print(f"exact in {100 * exactness(rows):.1f} % of the cases; wanted {100 * target:.0f} %")
        status = 1
    print(f"{passed} passed, {len(rows) - passed} failed")
    return status


def as_json(rows: list[Row]) -> dict:
    def answer_json(answer: Answer | None) -> dict | None:
        if answer is None:
            return None
        return {
            "keep": ordered(answer.keep), "naive": ordered(answer.naive), "error": answer.error,
            "sufficient": answer.sufficient, "exact": answer.exact,
            "naive_exact": answer.naive_exact, "profile": answer.profile,
            "search": answer.search,
        }

    return {
        "docker_default": ordered(DOCKER_DEFAULT),
        "cases": [
            {
                "case": row.case.name, "about": row.case.about,
                "truth": [ordered(caps) for caps in row.truth.sets],
                "essential": ordered(row.truth.essential), "runs": row.truth.runs,
                "flaky": row.truth.flaky, "broken": row.truth.broken,
                "complete": row.truth.complete,
                "full": answer_json(row.full), "default": answer_json(row.default),
                "minimized": answer_json(row.minimized),
            } for row in rows
        ],
    }
