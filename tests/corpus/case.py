# SPDX-License-Identifier: Apache-2.0
"""A case of the corpus: one bash file with a few header lines and three or four functions."""

import dataclasses
import pathlib
import re

CASES = pathlib.Path(__file__).parent / "cases"
KEYS = {"about", "packages", "kind", "fast", "patience", "stop", "volume"}


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    text: str
    about: str
    packages: tuple[str, ...]
    kind: str  # "server": runs until told to stop; "tool": ends by itself
    fast: bool
    patience: float  # seconds a fully privileged run may take
    stop: str  # the signal that ends a server
    volume: str  # a directory that a Docker image declares as one

    def has(self, function: str) -> bool:
        return re.search(rf"^{function}\(\)", self.text, re.MULTILINE) is not None


def parse(path: pathlib.Path) -> Case:
    """Reads one case; an unknown or missing header key is an error, so that typos do not hide."""
    text = path.read_text()
    header = dict(re.findall(r"^# (\w+): *(.*?) *$", text.split("\n\n", 1)[0], re.MULTILINE))
    unknown = header.keys() - KEYS
    if unknown:
        raise ValueError(f"{path.name}: unknown header {', '.join(sorted(unknown))}")
    case = Case(
        name=path.stem,
        text=text,
        about=header.get("about", ""),
        packages=tuple(header.get("packages", "").split()),
        kind=header.get("kind", ""),
        fast=header.get("fast") == "yes",
        patience=float(header.get("patience", "20")),
        stop=header.get("stop", "TERM"),
        volume=header.get("volume", ""),
    )
    if case.kind not in ("server", "tool") or not case.about:
        raise ValueError(f"{path.name}: needs 'about' and 'kind: server' or 'kind: tool'")
    for function in ("job", "check"):
        if not case.has(function):
            raise ValueError(f"{path.name}: has no {function}()")
    return case


def load_all(directory: pathlib.Path = CASES) -> list[Case]:
    return [parse(path) for path in sorted(directory.glob("*.sh"))]
