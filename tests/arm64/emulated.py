#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arm64 programs under qemu's emulation of a processor, with this kernel: what needs no BPF program
answers in the same words as the programs of this machine."""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("e2e", "arm64")]
import cross  # noqa: E402
import recordings  # noqa: E402
from capmond import BIN, SOURCE, Capmond, eventually, run_all  # noqa: E402

MANIFESTS = SOURCE / "tests/manifests"
PROFILES = MANIFESTS / "profiles.yaml"
OFFLINE = [
    ("version",), ("--help",), ("profile", "--help"), ("decode", "00000000a80425fb"), ("decode", "nonsense"),
    ("check", "-f", MANIFESTS / "cases", "--profiles", PROFILES),
    ("check", "-f", MANIFESTS / "cases", "--profiles", PROFILES, "-o", "json"),
    ("merge", PROFILES), ("merge", PROFILES, "-o", "json"), ("profile", f"file:{PROFILES}"),
    ("profile", "file:/does/not/exist"),
]
# Of recordings, and the profile of each container.
ONLINE = [("list",), ("list", "--all", "-o", "json"), ("alerts", "-o", "json"), ("export",)]
CASES = ["ping", "su", "userns-root"]


def said(bin_directory, emulator, *arguments):
    line = [*emulator, bin_directory / "capmon", *arguments]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def programs_are_of_arm64():
    for program in ("capmond", "capmon"):
        machine = int.from_bytes((cross.BIN / program).read_bytes()[18:20], "little")
        assert machine == 183, f"{program}: ELF machine {machine}"  # EM_AARCH64


def the_same_answers_without_capmond():
    for arguments in OFFLINE:
        here, there = said(BIN, [], *arguments), said(cross.BIN, cross.EMULATOR, *arguments)
        assert here == there, f"capmon {' '.join(map(str, arguments))}: {here} is not {there}"


def answers(capmond):
    """Everything that it says of its recording, by command."""
    containers = capmond.json("list", "--all", "--instances")["containers"]
    commands = ONLINE + [("profile", container["container"]["id"], "-o", "json") for container in containers]
    told = {" ".join(command): capmond.capmon(*command) for command in commands}
    # The number of an alert begins with one that each capmond chooses for itself.
    return {command: (done.returncode, re.sub(r'"event_id": ".*"', "", done.stdout), done.stderr)
            for command, done in told.items()}


def the_same_answers_of_capmond():
    texts = [recordings.recording(8)] + [(SOURCE / f"tests/replay/corpus/{case}.events").read_text() for case in CASES]
    for text in texts:
        with tempfile.TemporaryDirectory() as directory:
            with Capmond(directory, text, "here") as capmond:
                here = answers(capmond)
            with Capmond(directory, text, "there", cross.BIN, cross.EMULATOR) as capmond:
                there = eventually(lambda: (told := answers(capmond)) == here and told) or answers(capmond)
        for command, words in here.items():
            assert words == there.get(command), f"capmon {command}: {words} is not {there.get(command)}"
            assert words[0] == 0, f"capmon {command}: {words}"


if lacking := cross.missing("qemu-aarch64-static"):
    print(lacking)
    sys.exit(cross.SKIPPED)
sys.exit(run_all([programs_are_of_arm64, the_same_answers_without_capmond, the_same_answers_of_capmond]))
