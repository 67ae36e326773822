#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ci_examples.py CAPMON: runs the workflow and the pre-commit hook that docs/ci.md shows, in a
repository with a good manifest and then with a bad one."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import yaml

capmon = pathlib.Path(sys.argv[1]).resolve()
here = pathlib.Path(__file__).resolve().parent
text = (here.parent.parent / "docs/ci.md").read_text()
blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
(workflow,) = [block for block in blocks if "jobs" in block]
(hooks,) = [block for block in blocks if "repos" in block]

work = pathlib.Path(tempfile.mkdtemp())
(work / "profiles").mkdir()
(work / "deploy").mkdir()
(work / "profiles/shop.yaml").write_text((here / "profiles.yaml").read_text())
environment = os.environ | {"PATH": f"{capmon.parent}:{os.environ['PATH']}"}


def manifest(name):
    (work / "deploy/web.yaml").write_text((here / "cases" / name).read_text())


def run_workflow():
    """The exit code of the first step that fails; steps with `if: always()` run as well."""
    code = 0
    (job,) = workflow["jobs"].values()
    for step in job["steps"]:
        if "run" not in step or (code and step.get("if") != "always()"):
            continue
        done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=work, env=environment)
        code = code or done.returncode
    return code


def run_hook():
    (repository,) = hooks["repos"]
    (hook,) = repository["hooks"]
    assert hook["language"] == "system", hook
    names = [str(path.relative_to(work)) for path in sorted(work.rglob("*")) if path.is_file()]
    names = [name for name in names if re.search(hook["files"], name)]
    assert names == ["deploy/web.yaml"], names
    return subprocess.run(shlex.split(hook["entry"]) + names, cwd=work, env=environment).returncode


manifest("deployment_good.yaml")
assert run_workflow() == 0
assert run_hook() == 0
assert (work / "capmon.sarif").stat().st_size > 0
manifest("deployment_lacks_two.yaml")
assert run_workflow() == 1
assert run_hook() == 1
assert "SETGID" in (work / "capmon.sarif").read_text()
