# SPDX-License-Identifier: Apache-2.0
"""The image of deploy/docker/Dockerfile with the programs of the build that is tested."""
import json
import re
import shutil
import subprocess

import debian
from debian import BUILD, SOURCE
import rootfs
from private_docker import Docker

NAME, WORK = "capmon:test", "work:test"
BASE = "debian:12-slim"
LABELS = {"VERSION": "0.1.0", "REVISION": "0123abcd", "CREATED": "2026-11-29T12:00:00Z",
          "SOURCE": "https://git.example/capmon"}
# In place of the stage that compiles, which is not tested here.
BUILT = "FROM scratch AS build\nCOPY bin /src/build/release/bin\n\n"


def context(directory):
    """The context of `docker build`, and the Dockerfile without the stage that compiles."""
    directory.mkdir()
    text = (SOURCE / "deploy/docker/Dockerfile").read_text()
    text, stages = re.subn(r"^FROM \S+ AS build\n.*?(?=^FROM )", BUILT, text, flags=re.MULTILINE | re.DOTALL)
    assert stages == 1
    (directory / "Dockerfile").write_text(text)
    (directory / "bin").mkdir()
    for program in ("capmond", "capmon"):
        subprocess.run(["strip", "-o", directory / "bin" / program, BUILD / "bin" / program], check=True)
    (directory / "deploy").mkdir()
    shutil.copy(SOURCE / "deploy/install-packages.sh", directory / "deploy")
    shutil.copy(SOURCE / "LICENSE", directory)
    return directory


def work_image(directory):
    """A workload that gives a file away again and again, and says at its end how often."""
    directory.mkdir()
    shutil.copy(shutil.which("busybox"), directory)
    (directory / "Dockerfile").write_text(
        "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sleep\nCOPY busybox /bin/sh\n"
        'ENV PATH=/bin\nCMD ["/bin/sleep", "100000"]\n')
    return directory


def build(work):
    """Both images in an archive, and the settings of capmon's."""
    root = rootfs.make(debian.CACHE, debian.listed("runtime"), base=())
    with Docker(work) as docker:
        tar = subprocess.Popen(["tar", "-C", root, "--numeric-owner", "-c", "."], stdout=subprocess.PIPE)
        docker("import", "-", BASE, stdin=tar.stdout)
        assert tar.wait() == 0
        arguments = [word for pair in LABELS.items() for word in ("--build-arg", "=".join(pair))]
        docker("build", "--network", "none", *arguments, "-t", NAME, context(work / "context"))
        docker("build", "-t", WORK, work_image(work / "work"))
        docker("save", "-o", work / "images.tar", NAME, WORK)
        return work / "images.tar", json.loads(docker("image", "inspect", NAME))[0]["Config"]
