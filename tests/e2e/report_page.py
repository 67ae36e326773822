#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows `capmon report` in a real browser, with 500 workloads, some with harmful names."""
import json
import pathlib
import re
import shutil
import sys
import tempfile

import recordings
from browser import PROGRAM, Browser
from capmond import Capmond, run_all

WORKLOADS = 500
MOST_BYTES = 16 << 20
A4 = 703  # pixels between its margins

directory = pathlib.Path()
page = pathlib.Path()
daemon = browser = None


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def it_is_written_and_bounded():
    done = daemon.capmon('report', '--output', page)
    check(done.returncode == 0 and done.stdout == '' and done.stderr == '', done)
    check(page.stat().st_size < MOST_BYTES, f'{page.stat().st_size} bytes')


def it_loads_nothing_and_complains_of_nothing():
    browser.open(page)
    check(browser.requests == [f'file://{page}'], browser.requests)
    check(browser.console == [], browser.console)
    policy = browser.value('document.querySelector("meta[http-equiv]").content')
    check(policy.startswith("default-src 'none'; style-src 'sha256-") and 'unsafe' not in policy, policy)


def its_style_is_the_one_the_policy_names():
    check(browser.value('getComputedStyle(document.querySelector(".tiles")).display') == 'grid',
          'the style was refused')


def scripts_are_refused_even_where_one_gets_in():
    browser.value('''(() => { const s = document.createElement("script");
                     s.textContent = "window.taken = 1"; document.body.append(s); s.remove(); })()''')
    check(browser.value('window.taken') is None, 'a script ran')
    browser.console.clear()


def every_workload_is_there_and_its_name_is_text():
    check(browser.value('document.querySelectorAll(".matrix .row").length') == WORKLOADS, 'rows')
    check(browser.value('document.querySelectorAll("main > details").length') == WORKLOADS, 'sections')
    names = browser.value('[...document.querySelectorAll("summary h3")].map(h => h.textContent)')
    for hostile in recordings.HOSTILE[:3]:
        check('docker:' + hostile.replace(' ', '%20') in names, f'{hostile!r} is missing')
    text = ''.join(names)
    check('\\u202egnp' in text and '%1b[2J' in text, 'control characters are not spelled out')
    check(not re.search('[\x00-\x1f\u202a-\u202e\u2066-\u2069]', text), 'control characters')
    check(browser.value('document.querySelectorAll("script, img, iframe, [onmouseover]").length') == 0,
          'a name became an element')
    check(browser.value('document.title').startswith('capmon'), 'another title')


def the_figures_are_those_of_the_list():
    listed = [row['summary'] for row in daemon.json('list')['workloads']]
    held = sum(row['held'] for row in listed)
    tiles = browser.value('[...document.querySelectorAll(".tile strong")].map(t => t.textContent)')
    check(tiles[0] == str(WORKLOADS) and tiles[1].replace(',', '') == str(held), tiles)
    unused = sum(len(set(c['held_set']) - set(c['used'])) for c in listed)
    check(tiles[2].replace(',', '') == str(unused), tiles)


def a_cell_leads_to_its_verdict():
    browser.value('document.querySelector(".matrix td a.u").click()')
    check(browser.value('''(() => { const target = document.querySelector(":target");
          return target !== null && target.closest("details").open && target.checkVisibility(); })()'''),
          'its verdict does not show')
    label = browser.value('document.querySelector(".matrix td a.u").getAttribute("aria-label")')
    check('needed (required' in label, label)


def the_worst_comes_first_with_its_settings():
    check(browser.value('document.querySelectorAll(".answers li").length') == 3, 'findings')
    check(browser.value('document.querySelector(".answers li").className') == 'critical', 'not the worst')
    browser.value('document.querySelector(".answers .fix a").click()')
    check(browser.value('''(() => { const settings = document.querySelector(".setting pre:target");
          return settings !== null && settings.checkVisibility() && innerHeight >
                 settings.getBoundingClientRect().top; })()'''), 'its settings do not show')
    browser.value('document.querySelector(".answers li a").click()')
    check(browser.value('document.querySelector(".workload p:target").checkVisibility()'),
          'its details do not show')


def what_changed_since_a_file_is_there():
    profiles = daemon.json('export')
    profiles[0].setdefault('needs', {})['SYS_PACCT'] = 'declared'
    profiles[1]['workload'] = 'docker:gone'
    baseline, changed = directory / 'baseline.json', directory / 'changed.html'
    baseline.write_text(json.dumps(profiles))
    done = daemon.capmon('report', '-o', changed, '--baseline', baseline)
    check(done.returncode == 0 and done.stderr == '', done)
    browser.open(changed)
    text = browser.value('document.querySelector(".changes").textContent')
    for part in ('SYS_PACCT was needed (declared)', '1 workload not in the baseline',
                 '1 workload only in the baseline'):
        check(part in text, text[:1000])
    browser.open(page)


def a_phone_needs_no_sideways_scrolling():
    browser.open(page, width=390, height=844, phone=True)
    browser.value('document.querySelectorAll("details").forEach(d => d.open = true)')
    check(browser.value('document.documentElement.scrollWidth') <= 390,
          browser.value('document.documentElement.scrollWidth'))
    check(browser.value('innerWidth') == 390, 'it was zoomed out')


def the_dark_is_dark():
    browser.open(page, dark=True)
    red = int(browser.value('getComputedStyle(document.body).backgroundColor').split('(')[1].split(',')[0])
    check(red < 64, red)


def the_print_has_what_is_folded():
    browser.open(page)
    browser.look(media='print')
    check(browser.value('document.querySelector("details:not([open]) table").checkVisibility('
                        '{contentVisibilityAuto: true})'), 'folded sections are not printed')
    browser.open(page, width=A4)
    browser.look(media='print')
    width = browser.value('document.querySelector(".matrix").offsetWidth')
    check(width <= A4, f'the matrix is {width} wide')


def it_is_refused_where_it_cannot_be():
    for arguments, code in ((['report'], 2), (['report', '-o', 'json'], 2),
                            (['report', '-o', directory / 'missing/r.html'], 3),
                            (['report', '-o', directory / 'r.html', '--baseline', '/etc/passwd'], 2)):
        done = daemon.capmon(*arguments)
        check(done.returncode == code and done.stderr.startswith('capmon: ')
              and done.stderr.count('\n') == 1, done)


def main():
    global directory, page, daemon, browser
    if not shutil.which(PROGRAM):
        print(f'there is no {PROGRAM} here')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        directory, page = pathlib.Path(name), pathlib.Path(name) / 'report.html'
        with Capmond(directory, recordings.recording(WORKLOADS)) as daemon, \
                Browser(directory) as browser:
            sys.exit(run_all([
                it_is_written_and_bounded, it_loads_nothing_and_complains_of_nothing,
                its_style_is_the_one_the_policy_names, scripts_are_refused_even_where_one_gets_in,
                every_workload_is_there_and_its_name_is_text, the_figures_are_those_of_the_list,
                a_cell_leads_to_its_verdict, the_worst_comes_first_with_its_settings,
                what_changed_since_a_file_is_there, a_phone_needs_no_sideways_scrolling, the_dark_is_dark,
                the_print_has_what_is_folded, it_is_refused_where_it_cannot_be]))


main()
