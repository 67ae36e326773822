# SPDX-License-Identifier: Apache-2.0
"""The command blocks of the documents."""
import dataclasses
import pathlib
import re
import shlex
import shutil

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DATA = {'yaml', 'json', 'text'}  # languages of blocks without commands
# Programs that documents name and this machine need not have.
PROGRAMS = {'apt', 'apt-get', 'capmon', 'capmond', 'cmake', 'ctest', 'curl', 'docker', 'dpkg', 'git', 'helm', 'install',
            'kafka-acls.sh', 'kafka-topics.sh', 'kubectl', 'mount', 'oc', 'podman', 'rm', 'rpm', 'sudo',
            'systemctl'}


@dataclasses.dataclass
class Command:
    document: str  # below the root of the repository
    line: int
    text: str  # continuation lines joined
    output: list  # the lines that the document shows below it

    def __str__(self):
        return f'{self.document}:{self.line}: {self.text}'


@dataclasses.dataclass
class Block:
    document: str
    line: int  # of its first line
    session: bool  # with prompts and output; otherwise a script
    commands: list


def documents():
    return [SOURCE / 'README.md', *sorted((SOURCE / 'docs').glob('**/*.md'))]


def fenced(document):
    """Yields (line, language, lines) of each fenced block."""
    language, begun, lines = None, 0, []
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if not line.startswith('```'):
            lines.append(line)
        elif language is None:
            language, begun, lines = line[3:].strip(), number + 1, []
        else:
            yield begun, language, lines
            language = None
    assert language is None, f'{document}: the block at line {begun} does not end'


def first_word(line):
    line = re.sub(r'^\w+=\S*\s+', '', line.strip())
    return line.split()[0] if line.split() else ''


def is_command(line):
    word = first_word(line)
    if re.match(r'^\w+=\$\(', line) or word in PROGRAMS:
        return True
    if '/' in word and not word.startswith('/'):
        return (SOURCE / word).is_file()
    return bool(re.match(r'^[a-z][\w.-]+$', word)) and shutil.which(word) is not None


def block_of(document, begun, lines):
    """None for a block without commands."""
    name = str(document.relative_to(SOURCE))
    session = any(line.startswith('$ ') for line in lines)
    written = [line for line in lines if line.strip() and not line.startswith('#')]
    if not session and not (written and is_command(written[0])):
        return None
    block, more = Block(name, begun, session, []), False
    for number, line in enumerate(lines, begun):
        if more:
            block.commands[-1].text += ' ' + line.strip()
        elif session and not line.startswith('$ '):
            if block.commands:
                block.commands[-1].output.append(line)
            continue
        elif line.strip():
            block.commands.append(Command(name, number, line.removeprefix('$ ').strip(), []))
        more = line.endswith('\\')
        if more:
            block.commands[-1].text = block.commands[-1].text.removesuffix('\\').strip()
    return block


def all_blocks():
    for document in documents():
        for begun, language, lines in fenced(document):
            if language in DATA:
                continue
            if language not in ('', 'sh'):
                raise SystemExit(f'{document}:{begun}: a block of {language}: add it to DATA, or write `sh`')
            if (block := block_of(document, begun, lines)) is not None:
                yield block


END = {'|', '||', '&&', ';', '&', '(', ')', '>', '>>', '<', '2>', '`'}
BEFORE = {'sudo', 'xargs', '--', 'kubectl', '$', '-r'}


def words_of(text):
    lexer = shlex.shlex(text.replace('$(', ' ( ').replace('2>', ' > '), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, '#'
    return list(lexer)


def is_punctuation(word):
    return word in END or (bool(word) and set(word) <= set('();<>|&'))


def calls_of(text, program='capmon'):
    """The arguments of each call of the program in a line for the shell."""
    words, calls = words_of(text), []
    for at, word in enumerate(words):
        if word.rsplit('/', 1)[-1] != program:
            continue
        before = words[at - 1] if at else ';'
        if not (is_punctuation(before) or before in BEFORE or re.match(r'^\w+=', before)):
            continue
        arguments = []
        for one in words[at + 1:]:
            if is_punctuation(one):
                break
            arguments.append(one)
        calls.append((before, arguments))
    return calls
