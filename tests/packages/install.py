#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The packages, and installing, upgrading, removing and purging them in a clean Debian, where no systemd runs.
Their unit under systemd: systemd.py."""
import hashlib
import json
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import zlib

import debian
import yaml
from capmond import run_all
from debian import SKIPPED, deb, make_packages, newer

WORK = pathlib.Path(tempfile.mkdtemp(prefix="capmon-packages."))
FIRST, NEXT, ROOT = WORK / "first", WORK / "next", WORK / "root"
PROGRAMS = {"capmond": "usr/bin/capmond", "capmon": "usr/bin/capmon"}
# Users stay when a package is purged; the rest is dpkg's own.
NOT_OURS = ("var/lib/dpkg/", "var/log/", "var/cache/", "run", "tmp", "proc", "etc/passwd", "etc/group", "etc/shadow",
            "etc/gshadow", "etc/.pwd.lock")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def inside(*command):
    """Runs it in the clean root, with nothing of this machine; returns what it says."""
    script = 'mount -t proc proc /proc && mount -t tmpfs tmpfs /run && exec "$@"'
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "chroot", ROOT, "sh", "-c", script, "-",
                           *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
    return done.stdout


def install(directory):
    for package in PROGRAMS:
        shutil.copy(deb(directory, package), ROOT / f"{package}.deb")
    said = inside("dpkg", "--install", *(f"/{package}.deb" for package in PROGRAMS))
    for package in PROGRAMS:
        (ROOT / f"{package}.deb").unlink()
    return said


def nothing_is_half_done():
    assert inside("dpkg", "--audit") == ""


def state():
    """Everything in the root that is ours to leave alone."""
    found = {}
    for path in ROOT.rglob("*"):
        name = str(path.relative_to(ROOT))
        if name.startswith(NOT_OURS):
            continue
        mode = path.lstat().st_mode
        content = os.readlink(path) if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else b""
        found[name] = (mode, path.lstat().st_uid, hash(content))
    return found


def packed(package):
    """Files of a .deb."""
    listed = output("dpkg-deb", "--contents", deb(FIRST, package)).splitlines()
    return {line.split()[5].removeprefix("./") for line in listed if not line.startswith("d")}


def lintian_finds_nothing():
    said = output("lintian", "--fail-on", "none", "--allow-root", *FIRST.glob("*.deb"))
    assert said == "", said


def each_installed_file_is_in_one_package():
    installed = WORK / "installed"
    subprocess.run(["cmake", "--install", debian.BUILD, "--prefix", "/usr"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DESTDIR": str(installed)})
    ours = {str(path.relative_to(installed)) for path in installed.rglob("*") if not path.is_dir()}
    assert PROGRAMS["capmond"] in ours and "etc/capmon/capmond.yaml" in ours
    both = [name.removesuffix(".gz") for package in PROGRAMS for name in packed(package)]
    assert len(both) == len(set(both))
    # Packages say the licence in `copyright`, and have what a package must have.
    assert ours - set(both) == {"usr/share/doc/capmon/LICENSE"}
    more = {f"usr/share/doc/{package}/{name}" for package in PROGRAMS for name in ("copyright", "changelog.Debian")}
    assert {name for name in set(both) - ours if not name.startswith("usr/share/lintian/")} == more


def debug_information_fits():
    for package, program in PROGRAMS.items():
        unpacked = WORK / f"unpacked-{package}"
        subprocess.run(["dpkg-deb", "--extract", deb(FIRST, package), unpacked], check=True)
        link = WORK / "link"
        subprocess.run(["objcopy", "--dump-section", f".gnu_debuglink={link}", unpacked / program, WORK / "copy"],
                       check=True)
        name, checksum = link.read_bytes().split(b"\0")[0].decode(), struct.unpack("<I", link.read_bytes()[-4:])[0]
        assert zlib.crc32((FIRST / "debug" / name).read_bytes()) == checksum
        assert ".symtab" not in output("readelf", "-SW", unpacked / program)


def they_install_in_a_clean_root():
    shutil.rmtree(ROOT, ignore_errors=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", debian.clean_root(), ROOT], check=True)
    (ROOT / "etc/dpkg/dpkg.cfg.d/lean").unlink()  # which leaves documents out
    global before
    before = state()
    install(FIRST)
    nothing_is_half_done()
    for package, program in PROGRAMS.items():
        assert " 0." in inside(f"/{program}", "--version")
        assert inside("dpkg", "--verify", package) == ""
    assert inside("getent", "passwd", "capmon").split(":")[6].strip().endswith("nologin")
    assert (ROOT / "etc/systemd/system/multi-user.target.wants/capmond.service").is_symlink()
    inside("capmond", "--check-config")


def an_upgrade_keeps_what_people_changed():
    settings = ROOT / "etc/capmon/capmond.yaml"
    changed = settings.read_text() + "node: node-7\n"
    settings.write_text(changed)
    evidence = ROOT / "var/lib/capmon/evidence"
    evidence.parent.mkdir()
    evidence.write_text("")
    inside("systemctl", "disable", "capmond.service")
    install(NEXT)
    nothing_is_half_done()
    assert inside("dpkg-query", "--show", "--showformat", "${Version}", "capmond").endswith("-8")
    assert settings.read_text() == changed and evidence.exists()
    assert not (ROOT / "etc/systemd/system/multi-user.target.wants/capmond.service").exists()


def removing_keeps_settings_and_evidence():
    inside("dpkg", "--remove", *PROGRAMS)
    nothing_is_half_done()
    assert (ROOT / "etc/capmon/capmond.yaml").exists() and (ROOT / "var/lib/capmon/evidence").exists()
    assert not (ROOT / PROGRAMS["capmond"]).exists()


def purging_leaves_nothing():
    inside("dpkg", "--purge", *PROGRAMS)
    nothing_is_half_done()
    after = state()
    different = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert not different, sorted(different)


def rpms_have_the_same_files():
    for package in PROGRAMS:
        found = next(FIRST.glob(f"{package}-0*.rpm"))
        files = set(output("rpm", "--query", "--list", "--package", found).split("\n")) - {""}
        theirs = {name.removeprefix("/") for name in files}
        assert {name for name in packed(package) if not name.startswith("usr/share/lintian/")} <= theirs, theirs
        more = {name for name in theirs - packed(package) if not any(one.startswith(name + "/") for one in theirs)}
        assert not more, more  # but directories
    scripts = output("rpm", "--query", "--scripts", "--package", next(FIRST.glob("capmond-0*.rpm")))
    assert "systemd-sysusers capmon.conf" in scripts and "--uninstall" in scripts
    assert output("rpm", "--query", "--configfiles", "--package", next(FIRST.glob("capmond-0*.rpm"))) == \
        "/etc/capmon/capmond.yaml\n"


def checksums_and_archives_are_right():
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=FIRST, check=True)
    named = {line.split()[1] for line in (FIRST / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.name for path in FIRST.iterdir() if path.is_file()} - {"SHA256SUMS"}
    manifest = yaml.safe_load(next(FIRST.glob("kubectl-capmon-*.yaml")).read_text())
    archive = next(FIRST.glob("kubectl-capmon-*.tar.gz"))
    (platform,) = manifest["spec"]["platforms"]
    assert platform["uri"].endswith("/" + archive.name)
    assert platform["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    listed = output("tar", "--list", "--verbose", "--file", archive).splitlines()
    assert {line.split()[5]: line.split()[0] for line in listed} == \
        {"./": "drwxr-xr-x", "./LICENSE": "-rw-r--r--", "./kubectl-capmon": "-rwxr-xr-x"}, listed
    unpacked = WORK / "tarball"
    unpacked.mkdir()
    subprocess.run(["tar", "--extract", "--strip-components=1", "--directory", unpacked,
                    "--file", next(FIRST.glob("capmon-*.tar.gz"))], check=True)
    for program in PROGRAMS:
        assert " 0." in output(unpacked / "usr/local/bin" / program, "--version")
    unit = (unpacked / "usr/local/lib/systemd/system/capmond.service").read_text()
    assert "ExecStart=/usr/local/bin/capmond --config /etc/capmon/capmond.yaml" in unit


def the_bill_of_materials_is_complete():
    document = json.loads(next(FIRST.glob("*.spdx.json")).read_text())
    assert (document["spdxVersion"], document["dataLicense"], document["SPDXID"]) == \
        ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert document["documentNamespace"].startswith("https://") and document["creationInfo"]["creators"]
    parts = document["packages"] + document["files"]
    known = [part["SPDXID"] for part in parts] + ["SPDXRef-DOCUMENT"]
    assert len(known) == len(set(known)), "an identifier is there twice"
    for part in document["packages"]:
        assert part["name"] and part["versionInfo"] and part["downloadLocation"], part
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= set(known), relation
    for file in document["files"]:
        content = (WORK / "tarball" / file["fileName"]).read_bytes()
        for one in file["checksums"]:
            assert hashlib.new(one["algorithm"].lower(), content).hexdigest() == one["checksumValue"], file
    assert len(document["files"]) == sum(path.is_file() for path in (WORK / "tarball").rglob("*"))
    # What dpkg-shlibdeps found out by its own ways.
    names = {part["name"] for part in document["packages"]}
    provided = output("dpkg-query", "--show", "--showformat", "${Provides}, ", *(names - {"capmon"}))
    names |= {one.split()[0] for one in provided.split(", ") if one}
    for package in PROGRAMS:
        for one in output("dpkg-deb", "--field", deb(FIRST, package), "Depends").split(", "):
            if "|" not in one:
                assert one.split()[0] in names, one
    assert {"libcli11-dev", "nlohmann-json3-dev"} <= names  # compiled in


def main():
    if os.geteuid() != 0:
        print("needs root")
        return SKIPPED
    for program in ("debootstrap", "lintian", "dpkg-shlibdeps", "rpmbuild", "scdoc"):
        if not shutil.which(program):
            print(f"needs {program}")
            return SKIPPED
    try:
        make_packages(FIRST, "7")
        newer(FIRST, "8", NEXT)
        return run_all([
            lintian_finds_nothing, each_installed_file_is_in_one_package, debug_information_fits,
            they_install_in_a_clean_root, an_upgrade_keeps_what_people_changed,
            removing_keeps_settings_and_evidence, purging_leaves_nothing, rpms_have_the_same_files,
            checksums_and_archives_are_right, the_bill_of_materials_is_complete])
    finally:
        shutil.rmtree(WORK)


sys.exit(main())
