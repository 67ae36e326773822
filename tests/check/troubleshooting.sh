#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/troubleshooting.md has every finding of `capmon doctor`: its topic and its remedy, or what it costs where
# nothing can be done, every cause of a loss and every blind spot.
. "$(dirname "$0")/files.sh"

command -v python3 >/dev/null || skip "python3 is not installed"
missing=$(python3 - docs/troubleshooting.md <<'PYTHON'
import pathlib
import re
import sys

page = ' '.join(pathlib.Path(sys.argv[1]).read_text().replace('`', '').split())
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def source(name):
    """Without comments, and with adjacent literals as one."""
    text = re.sub(r'^\s*//.*', '', pathlib.Path(name).read_text(), flags=re.M)
    return re.sub(r'"\s*\n\s*"', '', text)


def arguments(text, at):
    """Of the call whose ( is at `at`, as text."""
    depth, quoted, begin, found = 0, False, at + 1, []
    for i in range(at, len(text)):
        c = text[i]
        if c == '"' and text[i - 1] != '\\':
            quoted = not quoted
        if quoted:
            continue
        depth += (c in '({') - (c in ')}')
        if depth == 0 or (depth == 1 and c == ','):
            found.append(text[begin:i])
            begin = i + 1
        if depth == 0:
            return found
    raise SystemExit('unbalanced')


def literals(text):
    return [found for found in LITERAL.findall(text) if len(found) > 2]


def wanted():
    text = source('client/commands/diagnosis.cc')
    calls = [arguments(text, found.end() - 1) for found in re.finditer(r'\b(?:Gap|Broken)\(', text)]
    calls = [call for call in calls if call[0].strip() == 'all']
    assert len(calls) >= 12, len(calls)
    for _, topic, _, cost, remedy in calls:
        yield from literals(topic)
        # A call that passes the result of a function is covered by that function's own literals, below.
        yield from literals(remedy) or literals(cost)
    remedies = re.search(r'RemedyForLoss\(.*?\n}', source('client/base/text.cc'), re.S)[0]
    yield from (found for found in re.findall(r'return "([^"]+)"', remedies))
    losses = re.findall(r'\{("[a-z-]+"|kLossByLeaving), LossKind', source('daemon/model/loss.cc'))
    assert len(losses) >= 10, losses
    yield from (one.strip('"') if one.startswith('"') else 'left-cgroup' for one in losses)
    for file in ('self_test', 'kernel_side'):
        spots = re.findall(r'blind_spots\.push_back\(\s*"([^"]+)"', source(f'daemon/collector/{file}.cc'))
        assert spots, file
        yield from spots


for one in wanted():
    if ' '.join(one.split()) not in page:
        print(one)
PYTHON
) || problem "the sources could not be read: $missing"
while IFS= read -r finding; do
  [[ -z $finding ]] || problem "docs/troubleshooting.md has nothing about: $finding"
done <<<"$missing"
finish
