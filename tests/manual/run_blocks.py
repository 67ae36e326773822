#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_blocks.py [DOCUMENT...]: runs every command block of README.md and docs/, where a document stands for its world of
worlds.py, and compares what is printed with what the document shows. A command that is neither run nor listed in
not_run.tsv is a failure."""
import os
import pathlib
import re
import sys
import tempfile

import blocks
import worlds

HERE = pathlib.Path(__file__).resolve().parent
# Commands that end with another code than 0: document, beginning of the command, code.
CODES = [
    ('docs/cli.md', 'sudo capmon verify --without', 1),
    ('docs/cli.md', 'sudo capmon verify --docker owner --without', 1),
    ('docs/ci.md', 'capmon diff', 1),
    ('docs/ci.md', 'capmon check', 1),
    ('docs/existing-docker-host.md', 'capmon profile old --as docker', 5),
    ('docs/install.md', 'sudo capmon doctor', 'any'),  # what is missing on this machine
    ('docs/configuration.md', 'capmond --check-config', 2),
]
# How the output of a document's commands is compared; of the first line that fits.
#   whole      each line
#   settings   each line that is no comment
#   evidence   what follows two lines with names and times
#   keep       the lines `Keep:`
#   none       it depends on the machine: the exit code has to do
COMPARED = [
    ('docs/reading-a-verdict.md', '', 'whole'),
    ('docs/harden-a-deployment.md', '', 'whole'),
    ('docs/ci.md', 'capmon diff', 'whole'),
    ('docs/ci.md', 'capmon check', 'whole'),
    ('docs/cli.md', 'capmon decode 2001', 'whole'),
    ('docs/cli.md', 'capmon encode', 'whole'),
    ('docs/cli.md', 'capmon decode CapPrm', 'whole'),
    ('docs/cli.md', 'capmon context', 'whole'),
    ('docs/cli.md', 'capmon status --context', 'whole'),
    ('docs/cli.md', 'sudo capmon verify', 'whole'),
    ('docs/cli.md', 'sudo capmon minimize', 'whole'),
    ('docs/configuration.md', '', 'whole'),
    ('docs/existing-docker-host.md', 'capmon profile old --as', 'whole'),
    ('docs/existing-docker-host.md', 'capmon restart-plan', 'whole'),
    ('docs/existing-docker-host.md', 'docker', 'whole'),
    ('docs/settings.md', '', 'settings'),
    ('docs/explain.md', '', 'evidence'),
    ('README.md', 'capmon profile', 'keep'),
    ('', '', 'none'),
]


def first(table, command):
    for document, begin, value in table:
        if document in ('', command.document) and command.text.startswith(begin):
            return value
    return None


def pattern(line):
    """Of a line in a document; an ellipsis is any text."""
    parts = [re.escape(' '.join(one.split())) for one in line.split('…')]
    return '.*'.join(parts)


def compared(how, shown, printed, world):
    """The first line of the document that was not printed; "" if all were, in order."""
    for there, here in world.replaced.items():
        printed = printed.replace(here, there)
    printed = printed.replace(str(world.directory), '/srv/verify-demo')
    lines = [' '.join(line.split()) for line in printed.splitlines()]
    shown = [line for line in shown if line.strip()]
    if how == 'keep':
        shown = [line for line in shown if line.startswith('Keep:')]
    if how == 'settings':
        shown = [line for line in shown if not line.startswith('#')]
        lines = [line for line in lines if not line.startswith('#')]
    if how == 'evidence':
        shown, lines = shown[2:], lines[2:]
    at, skip = 0, how == 'keep'
    for line in shown:
        if line.strip().startswith('…'):
            skip = True
            continue
        found = next((i for i in range(at, len(lines)) if re.fullmatch(pattern(line.strip()), lines[i])), None)
        while at < len(lines) and not lines[at] and not skip:
            at += 1
        if found is None or (found != at and not skip):
            return line
        at, skip = found + 1, how == 'keep'
    return ''


class Runner:
    def __init__(self):
        self.passed = self.failed = self.left = 0
        self.found = []  # assignments in this document
        text = (HERE / 'not_run.tsv').read_text().splitlines()
        self.unused = {tuple(line.split('\t')[:2]) for line in text if not line.startswith('#')}
        assert all(len(line.split('\t')) == 3 for line in text if not line.startswith('#'))
        self.listed = set(self.unused)

    def is_listed(self, command):
        fitting = [one for one in self.listed if one[0] == command.document and command.text.startswith(one[1])]
        self.unused -= set(fitting)
        self.left += bool(fitting)
        return bool(fitting)

    def note(self, command, fault=''):
        print(f'ok {command}' if not fault else f'FAILED {command}\n{fault}', flush=True)
        self.passed += not fault
        self.failed += bool(fault)

    def run(self, command, world):
        code, out, errors = world.bash(command.text)
        wanted = first(CODES, command) or 0
        if wanted != 'any' and code != wanted:
            return self.note(command, f'  exit code {code}, not {wanted}: {errors or out}')
        how = first(COMPARED, command)
        if how == 'none' or not command.output:
            return self.note(command)
        line = compared(how, command.output, out or errors, world)
        self.note(command, line and f'  the document shows: {line}\n  it printed:\n{out}{errors}')

    def run_script(self, block, world, directory):
        """Blocks without prompts only render and ask: they need not undo anything."""
        kept = [one for one in block.commands if not self.is_listed(one)]
        if not kept:
            return
        odd = [one for one in kept if not re.match(r'(kubectl|helm|\w+=\$\(kubectl) ', one.text)]
        if odd:
            return self.note(odd[0], '  is neither run nor listed in tests/manual/not_run.tsv')
        # Later blocks use what earlier ones found out.
        self.found = [*self.found, *(one.text for one in kept if re.match(r'\w+=', one.text))]
        code, out, errors = world.bash('\n'.join(['set -e', *self.found, *(one.text for one in kept)]), directory)
        for one in kept:
            self.note(one, f'  exit code {code}: {errors or out}' if code else '')

    def run_block(self, block, world, directory=None):
        if not block.session:
            return self.run_script(block, world, directory)
        for command in block.commands:
            if not self.is_listed(command):
                self.run(command, world)


def explanations(runner, document_blocks, scratch):
    """docs/explain.md: each command about the recording of its case."""
    for number, block in enumerate(document_blocks):
        for command in block.commands:
            case = command.text.split()[2]
            recording = (worlds.SOURCE / f'tests/replay/corpus/{case}.events').read_text()
            cgroup = re.search(r'^cgroup .*path=(\S+)', recording, re.M)[1]
            with worlds.Replayed(scratch / f'{number}', recording) as world:
                world.replaced = {f' {case} ': f' cgroup:{cgroup} '}
                runner.run(command, world)


def kubernetes(runner, document_blocks, scratch):
    with worlds.Shop(scratch) as world:
        mine = world.directory / 'mine'
        mine.mkdir()
        (world.directory / 'capmon').symlink_to(worlds.SOURCE)
        text = (worlds.SOURCE / 'docs/first-profile-kubernetes.md').read_text()
        (mine / 'kustomization.yaml').write_text(re.search(r'```yaml\n(# kustomization.yaml\n.*?)```', text, re.S)[1])
        for block in document_blocks:
            runner.run_block(block, world, mine if block.commands[0].text == 'kubectl apply -k .' else None)


def configuration(runner, document_blocks, scratch):
    """The fault that the document shows, at its place."""
    world = worlds.Manifests(scratch)
    settings = pathlib.Path(scratch / 'capmond.yaml')
    settings.write_text('\n' * 9 + 'sinks:\n  - name: siem\n    adress: tls://siem.example:6514\n    type: syslog\n')
    for block in document_blocks:
        for command in block.commands:
            if not runner.is_listed(command):
                world.replaced = {'capmond --check-config': f'capmond --config {settings} --check-config 2>&1',
                                  '/etc/capmon/capmond.yaml': str(settings)}
                runner.run(command, world)


def in_world(kind):
    def run(runner, document_blocks, scratch):
        with kind(scratch) as world:
            for block in document_blocks:
                runner.run_block(block, world)
    return run


def ci(runner, document_blocks, scratch):
    """Files alone, except for what asks capmond."""
    asks = re.compile(r'capmon (import|profile)')
    with worlds.Manifests(scratch / 'files') as files, worlds.Host(scratch / 'host') as host:
        for block in document_blocks:
            runner.run_block(block, host if asks.match(block.commands[0].text) else files)


WORLDS = {
    'docs/ci.md': ci,
    'docs/configuration.md': configuration,
    'docs/explain.md': explanations,
    'docs/first-profile-kubernetes.md': kubernetes,
    'docs/harden-a-deployment.md': in_world(worlds.Shop),
    'docs/kubernetes.md': kubernetes,
    'docs/reading-a-verdict.md': in_world(worlds.Shop),
}


def main():
    if os.geteuid() != 0 or not pathlib.Path('/sys/kernel/btf/vmlinux').exists():
        print('please run it as root, on a kernel with BTF')
        sys.exit(77)
    by_document = {}
    for block in blocks.all_blocks():
        by_document.setdefault(block.document, []).append(block)
    runner = Runner()
    for document, found in by_document.items():
        if sys.argv[1:] and document not in sys.argv[1:]:
            continue
        runner.found = []
        with tempfile.TemporaryDirectory(prefix='capmon-manual.') as scratch:
            WORLDS.get(document, in_world(worlds.Host))(runner, found, pathlib.Path(scratch))
    if not sys.argv[1:]:
        for document, begin in sorted(runner.unused):
            print(f'FAILED not_run.tsv: {document} has no command that begins with: {begin}')
            runner.failed += 1
    print(f'{runner.left} commands are not run, for the reasons in tests/manual/not_run.tsv')
    print(f'{runner.passed} passed, {runner.failed} failed')
    sys.exit(1 if runner.failed else 0)


main()
