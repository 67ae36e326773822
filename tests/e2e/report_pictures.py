#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renews the pictures of the report in docs/, from the recordings below tests/replay/cases."""
import pathlib
import sys
import tempfile

import recordings
from browser import Browser
from capmond import SOURCE, Capmond


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        cases = sorted((SOURCE / 'tests/replay/cases').glob('*.events'))
        with Capmond(directory, recordings.merged(cases)) as daemon:
            page = directory / 'report.html'
            if (done := daemon.capmon('report', '--all', '-o', page)).returncode != 0:
                sys.exit(done.stderr)
        with Browser(directory) as browser:
            browser.open(page, height=860)
            browser.screenshot(SOURCE / 'docs/report.png')
            browser.open(page, width=390, height=844, dark=True, phone=True)
            browser.screenshot(SOURCE / 'docs/report-phone.png')


main()
