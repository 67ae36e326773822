# SPDX-License-Identifier: Apache-2.0
"""Where the arm64 build is, and what runs its programs here."""
import os
import pathlib
import shutil

BUILDS = pathlib.Path(os.environ["CAPMON_BIN_DIR"]).resolve().parents[1]
BIN = BUILDS / "arm64/bin"
SYSROOT = BUILDS / "arm64-sysroot"
EMULATOR = ["qemu-aarch64-static", "-L", SYSROOT]
SKIPPED = 77


def missing(*programs):
    """What a test cannot do without, as one line; empty when everything is there."""
    for program in programs:
        if not shutil.which(program):
            return f"needs {program}"
    for program in ("capmond", "capmon"):
        if not (BIN / program).exists():
            return f"{BIN / program} was not built: tests/run.sh arm64 builds it"
    return ""
