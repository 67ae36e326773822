#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The packages in a virtual machine, under a real systemd on Debian's kernel: capmond starts as its unit says,
with the privileges that the unit states and no others, profiles a container, and goes through upgrades without
losing a check. job.sh is what happens inside."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import debian
from capmond import run_all
from debian import SKIPPED, SOURCE, make_packages, newer
from machine import Machine

HERE = pathlib.Path(__file__).resolve().parent
SERIES = "6.1"
UNIT = (SOURCE / "deploy/systemd/capmond.service.in").read_text()
PRUNED = ["./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/zoneinfo", "./usr/share/perl",
          "./usr/lib/x86_64-linux-gnu/perl", "./usr/lib/x86_64-linux-gnu/gconv", "./var/cache", "./var/lib/apt",
          "./usr/sbin/policy-rc.d", "./etc/machine-id"]
JOB_UNIT = """[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh /job
StandardOutput=journal+console
StandardError=inherit
"""
WORK = """#!/bin/sh
# Three checks of CAP_CHOWN a turn, and their number: one to give the file away, two to take it from another,
# since busybox names owner and group.
made=0
while [ ! -e /stop ]; do
  chown 1 /file && chown 0 /file && made=$((made + 3))
  echo $made >/made
done
"""


def bundle(directory, name):
    """A container that gives a file away again and again, and counts how often."""
    root = directory / "rootfs"
    for name in ("bin", "dev", "proc"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    for applet in ("sh", "chown"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "file").write_text("")
    (root / "work.sh").write_text(WORK)
    (root / "work.sh").chmod(0o755)
    config = json.loads((SOURCE / "deploy/sample/config.json").read_text())
    config["linux"]["cgroupsPath"] = f"/{name}"
    (directory / "config.json").write_text(json.dumps(config))


def archive(directory, *prune):
    """A file system in memory, as the kernel takes it."""
    left_out = " ".join(f"-path '{name}' -prune -o" for name in prune)
    return subprocess.run(["sh", "-c", f"find . {left_out} -print0 | cpio --null --create --format newc --quiet"],
                          cwd=directory, stdout=subprocess.PIPE, check=True).stdout


def image(work):
    added = work / "added"
    (added / "packages").mkdir(parents=True)
    made = make_packages(work / "packages", "1", "deb")
    for revision in ("1", "2", "3"):
        newer(made, revision, added / "packages" / revision)
    for name in ("web", "api"):
        bundle(added / "containers" / name, name)
    shutil.copy(HERE / "init", added / "init")
    units = added / "etc/systemd/system"
    (units / "multi-user.target.wants").mkdir(parents=True)
    (units / "job.service").write_text(JOB_UNIT)
    (units / "multi-user.target.wants/job.service").symlink_to("../job.service")
    for unit in ("getty@.service", "getty-static.service", "serial-getty@.service"):
        (units / unit).symlink_to("/dev/null")
    (added / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    subprocess.run(["chown", "-R", "0:0", added], check=True)
    written = work / "image"
    written.write_bytes(archive(debian.clean_root(), *PRUNED) + archive(added))
    return written


def run_machine(kernel):
    """What job.sh reported, by name: (exit code, text); and the console."""
    with tempfile.TemporaryDirectory() as work:
        answers, console = Machine(SERIES, kernel, "v2", "fexit").answers_of(
            image(pathlib.Path(work)), (HERE / "job.sh").read_text())
    found = re.findall(r"^== (\S+) (\d+)\n(.*?)\n(?=== |\Z)", answers.replace("\r", ""), re.MULTILINE | re.DOTALL)
    return {name: (int(code), text) for name, code, text in found}, console


REPORTS = {}


def text(name):
    code, said = REPORTS[name]
    assert code == 0, f"{name}: exit code {code}: {said}"
    return said


def chown(name):
    """The verdict on CHOWN in a profile."""
    profile = json.loads(text(name))
    return next(one for one in profile["capabilities"] if one["capability"] == "CAP_CHOWN")


def setting(name):
    return re.search(rf"^{name}=(.*)$", UNIT, re.MULTILINE)[1]


def mask(names):
    header = pathlib.Path("/usr/include/linux/capability.h").read_text()
    return sum(1 << int(re.search(rf"^#define {name}\s+(\d+)$", header, re.MULTILINE)[1]) for name in names.split())


def a_fresh_installation_starts_the_unit():
    text("install")
    assert text("active") == "active" and text("enabled") == "enabled"
    status = json.loads(text("status"))
    assert status["backend"] == "fexit", status
    assert [(one["name"], one["state"]) for one in status["keeps"]] == [("store", "ok"), ("pins", "ok")], status


def systemd_rates_it():
    rating = text("security").splitlines()[-1]
    print(rating)
    assert float(re.search(r": ([\d.]+) ", rating)[1]) <= 2.0, rating


def it_has_the_privileges_of_the_unit():
    processes = [process for process in re.split(r"\n\n+", text("privileges").strip()) if "CapBnd" in process]
    assert len(processes) >= 3, processes  # it, and those that read files
    bounding, ambient = mask(setting("CapabilityBoundingSet")), mask(setting("AmbientCapabilities"))
    for number, process in enumerate(processes):
        status = dict(re.findall(r"^(\w+):\t(.*)$", process, re.MULTILINE))
        sets = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
        print(status["Name"], *(f"{name} {value:x}" for name, value in sets.items()))
        assert sets["CapBnd"] == bounding
        assert all(value & ~ambient == 0 for value in sets.values()), process
        assert number > 0 or sets["CapEff"] == sets["CapPrm"] == ambient, process
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), process
        assert int(status["Seccomp_filters"]) > 1 and "0" not in status["Uid"].split(), process
        assert not set(text("host").split()) & set(process.split()), "it shares namespaces with the host"


def a_container_gets_the_right_verdict():
    verdict = chown("profile")
    assert (verdict["verdict"], verdict["keep"]) == ("required", True), verdict
    recommendation = json.loads(text("profile"))["recommendation"]
    assert recommendation["keep"] == ["CAP_CHOWN"], recommendation
    assert "CAP_NET_RAW" in recommendation["remove"], recommendation


def an_upgrade_loses_no_count():
    text("same")
    assert text("same-version").endswith("-2") and text("same-active") == "active"
    assert text("same-pid") not in ("0", text("pid"))
    assert text("same-pins") == text("pins"), "the programs were not adopted"
    assert chown("same-profile")["verdict"] == "required"
    assert int(chown("same-profile")["count"]) >= int(chown("profile")["count"])
    made = int(text("ended-made"))
    print(f"{made} checks made, {chown('ended-profile')['count']} counted; {text('same-was')} before the upgrade")
    assert int(text("same-was")) > 0 and made > int(text("same-was")) + 20
    assert int(chown("ended-profile")["count"]) == made


def an_upgrade_to_other_programs_loses_none_either():
    text("other")
    assert text("other-version").endswith("-3") and text("other-active") == "active"
    assert text("other-pins") != text("pins"), "the programs were adopted, this tests nothing"
    made = int(text("other-made"))
    print(f"{made} checks made, {chown('other-ended-profile')['count']} counted")
    # While both generations are attached, a check may be counted twice.
    assert int(chown("other-ended-profile")["count"]) >= made > int(text("other-was")) + 20
    assert chown("other-web-profile")["count"] == chown("ended-profile")["count"]


def removing_ends_the_counting_and_keeps_the_evidence():
    text("remove")
    assert text("removed-pins") == ""
    assert text("removed-evidence") != ""


def purging_leaves_nothing():
    text("purge")
    assert text("left") == "" and text("audit") == ""
    assert text("failed") == ""


def main():
    if os.geteuid() != 0:
        print("needs root")
        return SKIPPED
    for program in ("qemu-system-x86_64", "debootstrap", "dpkg-shlibdeps", "busybox", "cpio", "scdoc"):
        if not shutil.which(program):
            print(f"needs {program}")
            return SKIPPED
    fetched = subprocess.run([SOURCE / "tests/vm/fetch_kernel.sh", SERIES], stdout=subprocess.PIPE, text=True,
                             check=False)
    if fetched.returncode != 0:
        return fetched.returncode
    reports, console = run_machine(fetched.stdout.strip())
    REPORTS.update(reports)
    failed = run_all([
        a_fresh_installation_starts_the_unit, systemd_rates_it, it_has_the_privileges_of_the_unit,
        a_container_gets_the_right_verdict, an_upgrade_loses_no_count,
        an_upgrade_to_other_programs_loses_none_either, removing_ends_the_counting_and_keeps_the_evidence,
        purging_leaves_nothing])
    if failed:
        print(REPORTS.get("journal", (0, ""))[1], console[-6000:], sep="\n", file=sys.stderr)
    return failed


sys.exit(main())
