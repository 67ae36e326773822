#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`capmon top` in a real terminal: a private tmux server whose screen is read."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import recordings
from capmond import Capmond, eventually, run_all

CONTAINERS = 230

directory = pathlib.Path()
daemon = None


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def runs(process):
    """False for a zombie, which remains where no process waits for orphans."""
    try:
        return pathlib.Path(f'/proc/{process}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


class Tmux:
    """A shell in a terminal of 100 by 30, for as long as the `with` block lasts."""

    servers = 0

    def __init__(self, **environment):
        Tmux.servers += 1
        self.socket = directory / f'tmux{Tmux.servers}'
        self.environment = {**os.environ, 'LC_ALL': 'C.UTF-8', 'HOME': str(directory), **environment}
        for name in ('TMUX', 'NO_COLOR'):
            if name not in environment:
                self.environment.pop(name, None)

    def run(self, *arguments):
        return subprocess.run(['tmux', '-S', self.socket, '-f', '/dev/null', *arguments],
                              env=self.environment, capture_output=True, text=True, check=True,
                              stdin=subprocess.DEVNULL).stdout

    def __enter__(self):
        self.run('new-session', '-d', '-x', '100', '-y', '30', 'PS1="$ " sh')
        self.pane = int(self.run('display', '-p', '#{pane_pid}'))
        self.wait('$')
        return self

    def __exit__(self, *_):
        self.run('kill-server')

    def type(self, *keys):
        self.run('send-keys', *keys)

    def screen(self, *how):
        return self.run('capture-pane', '-p', *how)

    def wait(self, text, absent=False):
        check(eventually(lambda: (text in self.screen()) != absent),
              f'"{text}" is {"still" if absent else "not"} in:\n{self.screen()}')

    def start(self, *arguments, wait='capmon top'):
        self.type(' '.join(daemon.line('top', *arguments)), 'Enter')
        self.wait(wait)
        self.wait(f'1/{CONTAINERS}')

    def settings(self):
        """The terminal's settings, as the shell sees them."""
        (directory / 'stty').unlink(missing_ok=True)
        self.type(f'stty -a >{directory}/s; mv {directory}/s {directory}/stty', 'Enter')
        check(eventually((directory / 'stty').exists), 'no answer from stty')
        return (directory / 'stty').read_text()

    def alternate(self):
        return self.run('display', '-p', '#{alternate_on}').strip() == '1'

    def top(self):
        """The number of the process that is capmon."""
        return int(pathlib.Path(f'/proc/{self.pane}/task/{self.pane}/children').read_text().split()[0])


def a_key_or_signal_leaves_the_terminal_as_it_was():
    with Tmux() as tmux:
        before = tmux.settings()
        tmux.type('echo what was here before', 'Enter')
        tmux.wait('what was here before')
        for leave in (lambda: tmux.type('q'), lambda: tmux.type('C-c'),
                      lambda: os.kill(tmux.top(), 15), lambda: os.kill(tmux.top(), 1)):
            tmux.start()
            check(tmux.alternate(), 'it draws over what was here')
            leave()
            tmux.wait('capmon top  ', absent=True)
            tmux.wait('what was here before')
            check(not tmux.alternate(), 'the other screen is still there')
            tmux.type('clear; echo it ended with $?', 'Enter')
            tmux.wait('it ended with 0')
            tmux.type('echo what was here before', 'Enter')
            check(tmux.settings() == before, tmux.settings())


def every_row_can_be_reached_and_asked():
    with Tmux() as tmux:
        tmux.start()
        tmux.type('End')
        tmux.wait(f'{CONTAINERS}/{CONTAINERS}')
        tmux.type('Home')
        tmux.wait(f'1/{CONTAINERS}')
        tmux.type('NPage', 'Down')
        tmux.wait(f'26/{CONTAINERS}')
        for order in ('by name', 'by denied', 'by checks', 'by risk'):
            tmux.type('s')
            tmux.wait(order)
        tmux.type('h')
        tmux.wait('sort by risk')
        tmux.type('h')
        tmux.wait('RISK')
        tmux.type('Enter')
        tmux.wait('Remove: ')
        tmux.wait('no-new-privileges')
        tmux.type('Escape')
        tmux.wait('NAME')
        check('\x1b' not in tmux.screen(), 'a name was obeyed')


def a_filter_shows_only_names_that_fit():
    with Tmux() as tmux:
        tmux.start()
        tmux.wait('● needed   ○ held, not needed')
        tmux.type('/')
        tmux.wait('Enter keeps it')
        tmux.type('SERVICE-02')
        tmux.wait(f'10 of {CONTAINERS} containers with "SERVICE-02"')
        tmux.type('BSpace', '1')
        tmux.wait('with "SERVICE-01"')
        tmux.type('Enter')
        tmux.wait('1/10')
        tmux.type('Escape')
        tmux.wait(f'1/{CONTAINERS}')
        tmux.type('/', 'q', 'Escape', 'q')
        tmux.wait('capmon top  ', absent=True)


def it_fits_a_terminal_that_changes():
    with Tmux() as tmux:
        tmux.start()
        tmux.wait('MORE')
        tmux.run('resize-window', '-x', '60', '-y', '12')
        check(eventually(lambda: tmux.screen().rstrip('\n').count('\n') == 11 and
                         max(map(len, tmux.screen().splitlines())) <= 60 and
                         f'1/{CONTAINERS}' in tmux.screen().splitlines()[-1]), tmux.screen())
        tmux.run('resize-window', '-x', '220', '-y', '50')
        tmux.wait('MORE', absent=True)
        check(eventually(lambda: f'1/{CONTAINERS}' in tmux.screen().splitlines()[-1]), tmux.screen())
        tmux.type('q')


def colours_are_there_unless_unwanted():
    def colours(tmux):
        return any(f'\x1b[{colour}m' in tmux.screen('-e') for colour in (31, 32, 33))

    with Tmux() as tmux:
        tmux.start()
        check(eventually(lambda: colours(tmux)), 'no colour')
        tmux.type('q')
    with Tmux() as tmux:
        tmux.start('--color', 'never', '--ascii')
        check(not colours(tmux), 'coloured in spite of --color never')
        check('○' not in tmux.screen(), 'more than ASCII')
    with Tmux(NO_COLOR='1') as tmux:
        tmux.start()
        check(not colours(tmux), 'coloured in spite of NO_COLOR')


def it_waits_for_a_daemon_that_went_away():
    with tempfile.TemporaryDirectory() as name:
        global daemon
        kept = daemon
        try:
            with Capmond(name, kept.recording.read_text()) as daemon, Tmux() as tmux:
                tmux.start()
                daemon.__exit__()
                tmux.wait('is not running')
                tmux.wait('service-')
                daemon.__enter__()
                tmux.wait('capmon top')
                tmux.type('q')
                tmux.wait('capmon top  ', absent=True)
        finally:
            daemon = kept


def it_ends_with_its_terminal():
    with Tmux() as tmux:
        tmux.start()
        process = tmux.top()
        tmux.run('new-session', '-d', 'sh')  # keeps the server when the pane goes
        tmux.run('kill-pane', '-t', '%0')
        check(eventually(lambda: not runs(process)), 'it still runs')


def it_says_what_it_needs():
    done = daemon.capmon('top')
    check(done.returncode == 2 and done.stdout == '' and 'terminal' in done.stderr, done)
    with Tmux() as tmux:
        for kind in ('dumb', 'no-such-terminal'):
            tmux.type(f'clear; TERM={kind} ' + ' '.join(daemon.line('top')) + '; echo code $?', 'Enter')
            tmux.wait(f'"{kind}"')
            tmux.wait('code 2')


def main():
    global directory, daemon
    if not shutil.which('tmux'):
        print('there is no tmux here')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        with Capmond(directory, recordings.recording(CONTAINERS)) as daemon:
            sys.exit(run_all([
                a_key_or_signal_leaves_the_terminal_as_it_was, every_row_can_be_reached_and_asked,
                a_filter_shows_only_names_that_fit,
                it_fits_a_terminal_that_changes, colours_are_there_unless_unwanted,
                it_waits_for_a_daemon_that_went_away, it_ends_with_its_terminal,
                it_says_what_it_needs]))


main()
