# SPDX-License-Identifier: Apache-2.0
"""The shared root file system: Debian with every package of every case, made once and cached."""

import hashlib
import pathlib
import re
import shutil
import subprocess

SUITE = "bookworm"
BASE_PACKAGES = ("curl", "netbase", "netcat-openbsd", "procps", "iproute2", "libcap2-bin",
                 "openssl")
DPKG_LEAN = """path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/locale/*
force-unsafe-io
"""
INSTALL = """
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc && mount -t tmpfs tmpfs /run
apt-get -q update && apt-get -q -y --no-install-recommends install "$@" && apt-get clean
"""


def sources() -> list[tuple[str, str]]:
    """(mirror, suite) pairs of this machine's apt configuration that belong to SUITE."""
    found = []
    for path in sorted(pathlib.Path("/etc/apt").glob("sources.list*/*.sources")):
        for stanza in path.read_text().split("\n\n"):
            fields = dict(re.findall(r"^(\w[\w-]*): *(.*)$", stanza, re.MULTILINE))
            if "deb" in fields.get("Types", "").split():
                found += [
                    (uri, suite)
                    for uri in fields.get("URIs", "").split()
                    for suite in fields.get("Suites", "").split()
                ]
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt").glob("*.d/*.list")]
    for path in lists:
        if path.is_file():
            found += re.findall(r"^deb (?:\[.*?\] )?(\S+) (\S+)", path.read_text(), re.MULTILINE)
    debian = "bookworm bookworm-updates bookworm-security".replace("bookworm", SUITE).split()
    return [(uri, suite) for uri, suite in dict.fromkeys(found) if suite in debian]


def bare(cache: pathlib.Path, main: str) -> pathlib.Path:
    """Debian without anything more, for all roots of this cache."""
    root, building = cache / f"bare-{SUITE}", cache / f"building-bare-{SUITE}"
    if root.is_dir():
        return root
    shutil.rmtree(building, ignore_errors=True)
    with (cache / f"bare-{SUITE}.log").open("w") as out:
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(building), main], check=True,
                       stdout=out, stderr=out)
    return building.rename(root)


def make(cache: pathlib.Path, packages: list[str], base: tuple[str, ...] = BASE_PACKAGES) -> pathlib.Path:
    """The root with `packages` installed; from the cache if it was made before."""
    wanted = sorted({*packages, *base})
    key = hashlib.sha256("\n".join([SUITE, DPKG_LEAN, INSTALL, *wanted]).encode()).hexdigest()[:12]
    root = cache / f"root-{key}"
    if root.is_dir():
        return root
    mirrors = sources()
    main = next((uri for uri, suite in mirrors if suite == SUITE), None)
    if main is None:
        raise RuntimeError(f"cannot make a root file system: no apt source for {SUITE} here")
    cache.mkdir(parents=True, exist_ok=True)
    building, log = cache / f"building-{key}", cache / f"root-{key}.log"
    shutil.rmtree(building, ignore_errors=True)
    print(f"making the root file system ({len(wanted)} packages; log: {log})", flush=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", bare(cache, main), building], check=True)
    with log.open("w") as out:
        lines = [f"deb {uri} {suite} main" for uri, suite in mirrors]
        (building / "etc/apt/sources.list").write_text("\n".join(lines) + "\n")
        (building / "etc/dpkg/dpkg.cfg.d/lean").write_text(DPKG_LEAN)
        (building / "etc/hosts").write_text("127.0.0.1 localhost corpus\n::1 localhost\n")
        (building / "etc/resolv.conf").touch()
        deny = building / "usr/sbin/policy-rc.d"
        deny.write_text("#!/bin/sh\nexit 101\n")
        deny.chmod(0o755)
        for path in pathlib.Path("/etc/apt/apt.conf.d").glob("99*"):
            shutil.copy(path, building / "etc/apt/apt.conf.d")
        shutil.copy("/etc/resolv.conf", building / "etc/resolv.conf")
        subprocess.run(["unshare", "-m", "-p", "-i", "-u", "-f", "chroot", building,
                        "bash", "-c", INSTALL, "install", *wanted], check=True, stdout=out, stderr=out)
        (building / "etc/resolv.conf").write_text("")
    building.rename(root)
    return root


def versions(root: pathlib.Path) -> str:
    """What is installed, as text: part of the identity of every measurement."""
    return subprocess.run(
        ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W"],
        check=True, capture_output=True, text=True,
    ).stdout
