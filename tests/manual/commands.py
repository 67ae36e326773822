#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""commands.py CAPMON: every `capmon ...` of a command block parses. It is given to the real program in an empty
directory and without a capmond, so that it can do nothing: wrong usage ends with 2, anything else in another way."""
import os
import subprocess
import sys
import tempfile

import blocks

WRONG_USAGE = 2
# They end with 2 although their usage is right; then the sentence has this.
OTHERWISE = {'top': 'terminal', '--address': 'cannot read ca.crt', 'context': 'there is no context',
             'status': 'there is no context'}


def placed(arguments, before):
    """As the shell would pass them."""
    if before == 'xargs' or before == '-r':
        arguments = [*arguments, 'name']
    if before == 'kubectl':
        arguments = without_options_of_the_plugin(arguments)
    return ['1' if '$' in one and one.startswith('$') else one for one in arguments]


def without_options_of_the_plugin(arguments):
    for option in ('-n', '--namespace', '--node'):
        if option in arguments:
            at = arguments.index(option)
            arguments = arguments[:at] + arguments[at + 2:]
    return arguments


def fault_of(capmon, arguments):
    with tempfile.TemporaryDirectory() as directory:
        # What some commands read from a pipe.
        given = {'decode': '0000000000000001'}.get(arguments[0] if arguments else '', '')
        done = subprocess.run([capmon, *arguments], cwd=directory, input=given, capture_output=True, text=True,
                              check=False, timeout=60,
                              env={'PATH': os.environ['PATH'], 'CAPMON_ADDRESS': f'unix://{directory}/none.sock'})
    if done.returncode != WRONG_USAGE or OTHERWISE.get(arguments[0] if arguments else '', '\0') in done.stderr:
        return ''
    return done.stderr.strip()


def main():
    capmon = os.path.realpath(sys.argv[1])
    # The check itself finds what is wrong.
    assert fault_of(capmon, ['profile', '--no-such-option', 'web'])
    assert fault_of(capmon, ['profile', 'web', '--as', 'no-such-kind'])
    assert fault_of(capmon, ['profiel', 'web'])
    checked, faults = 0, 0
    for block in blocks.all_blocks():
        for command in block.commands:
            for before, arguments in blocks.calls_of(command.text):
                checked += 1
                if fault := fault_of(capmon, placed(arguments, before)):
                    faults += 1
                    print(f'{command}\n  {fault}')
    print(f'{checked} commands of {len(blocks.documents())} documents')
    sys.exit(1 if faults or checked < 50 else 0)


main()
