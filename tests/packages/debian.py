# SPDX-License-Identifier: Apache-2.0
"""The packages of the build that is tested, and the Debian in which they are installed."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CAPMON_BUILD", SOURCE / "build/release"))
sys.path += [str(SOURCE / "tests/corpus"), str(SOURCE / "tests/e2e"), str(SOURCE / "tests/vm")]
import rootfs  # noqa: E402

CACHE = pathlib.Path(os.environ.get("CAPMON_PACKAGES_CACHE", "/var/cache/capmon/packages"))
SKIPPED = 77


def listed(*sets):
    """Names of deploy/install-packages.sh."""
    done = subprocess.run([SOURCE / "deploy/install-packages.sh", "--list", *sets], check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout.split()


def clean_root():
    """A Debian with systemd, runc and what capmond depends on; made once, never changed."""
    return rootfs.make(CACHE, [*listed("runtime", "container"), "systemd-sysv"])


def make_packages(directory, revision, *kinds):
    """What deploy/packages/build.sh makes of the build, in `directory`."""
    subprocess.run([SOURCE / "deploy/packages/build.sh", "--revision", revision, "--output", directory, *kinds],
                   check=True, env={**os.environ, "CAPMON_BUILD": str(BUILD)}, stdin=subprocess.DEVNULL)
    return directory


def newer(directory, revision, into):
    """The .debs in `directory` once more, with another revision."""
    into.mkdir()
    for package in directory.glob("*.deb"):
        unpacked = into / "unpacked"
        subprocess.run(["dpkg-deb", "--raw-extract", package, unpacked], check=True)
        control = unpacked / "DEBIAN/control"
        control.write_text(re.sub(r"^(Version: .*-).*$", rf"\g<1>{revision}", control.read_text(), flags=re.MULTILINE))
        subprocess.run(["dpkg-deb", "-Zgzip", "--build", unpacked, into], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(unpacked)


def deb(directory, package):
    return next(directory.glob(f"{package}_*.deb"))
