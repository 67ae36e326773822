#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test cases from the XML that ctest and GoogleTest leave in RESULTS/TIER/.

report.py RESULTS line TIER        one line for that tier
report.py RESULTS table TIER...    the tiers, the skipped tests with their reasons, the totals

A GoogleTest program counts with its cases, a script whose last line is "N passed, N failed" with
those, any other test as one. A tier without any test counts as one failure. Exits 1 when anything
failed.
"""
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path


class Tier:
    def __init__(self, name):
        self.name, self.passed, self.failed, self.skipped, self.seconds = name, 0, 0, [], 0.0

    def add_cases(self, cases):
        for case in cases:
            name = f"{case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None:
                self.failed += 1
            elif case.get("result") == "completed":
                self.passed += 1
            else:
                skipped = case.find("skipped")
                text = "disabled" if skipped is None else skipped.get("message", "")
                self.skipped.append((name, last_line(text)))

    def add(self, test, cases):
        """`cases`: of a GoogleTest program; empty for any other test, or when it died early."""
        self.seconds += float(test.get("time", 0))
        failures = self.failed
        self.add_cases(cases)
        status, said = test.get("status"), last_line(test.findtext("system-out", ""))
        counted = re.fullmatch(r"(\d+) passed, (\d+) failed", said)
        if counted:
            self.passed += int(counted[1])
            self.failed += int(counted[2])
        elif status == "run":
            self.passed += not cases
        if status == "run":
            return
        if test.find("skipped") is not None or status == "disabled":
            self.skipped.append((test.get("name"), said))
        elif self.failed == failures:  # it failed outside its cases: a crash, a timeout, a leak
            self.failed += 1

    def sentence(self):
        ran = self.passed + self.failed
        return (f"{self.name}: {ran} test{'' if ran == 1 else 's'} ran, {self.failed} failed, "
                f"{len(self.skipped)} skipped ({self.seconds:.0f} s)")


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"


def read(results, name):
    tier, directory = Tier(name), results / name
    summary = directory / "ctest.xml"
    tests = list(xml.parse(summary).getroot().iter("testcase")) if summary.exists() else []
    if not tests:
        tier.failed = 1
    for test in tests:
        program = directory / (test.get("name").replace(".", "_", 1) + ".xml")
        cases = list(xml.parse(program).getroot().iter("testcase")) if program.exists() else []
        tier.add(test, cases)
    return tier


def print_table(tiers):
    print(f"{'tier':<10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for tier in tiers:
        print(f"{tier.name:<10}{tier.passed:>8}{tier.failed:>8}{len(tier.skipped):>9}"
              f"{tier.seconds:>9.0f}")
    for tier in tiers:
        for name, reason in tier.skipped:
            print(f"skipped: {name}: {reason}")
    print(f"{sum(tier.passed for tier in tiers)} passed, {sum(tier.failed for tier in tiers)} failed, "
          f"{sum(len(tier.skipped) for tier in tiers)} skipped")


def main():
    results, form, names = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    tiers = [read(results, name) for name in names]
    if form == "line":
        print(tiers[0].sentence())
    else:
        print_table(tiers)
    return any(tier.failed for tier in tiers)


sys.exit(main())
