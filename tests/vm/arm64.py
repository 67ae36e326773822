#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arm64 build on Debian's arm64 kernel, in a virtual machine whose processor signs return addresses: every back
end that the kernel has counts what a container does, with the system calls and call sites of that
architecture. With --all on every kernel."""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "arm64"), str(HERE.parent / "e2e")]
import cross  # noqa: E402
from capmond import run_all  # noqa: E402
from machine import Machine  # noqa: E402

SAMPLE = HERE.parents[1] / "deploy/sample"
# Trampolines for fexit are there since 6.4, the tracepoint since 6.14.
BACK_ENDS = {"5.10": ["kprobe"], "6.1": ["kprobe"], "6.12": ["fexit", "kprobe"],
             "6.18": ["fexit", "tp_btf", "kprobe"], "7.3": ["fexit", "tp_btf", "kprobe"]}
KERNELS = list(BACK_ENDS) if sys.argv[1:] == ["--all"] else ["6.12"]
# Each capability that the sample needs, with a function that checks it and the system call.
NEEDED = {"CAP_CHOWN": {("setattr_prepare", "fchownat")}, "CAP_SETUID": {("__sys_setuid", "setuid")},
          "CAP_SETGID": {("__sys_setgid", "setgid"), ("__arm64_sys_setgroups", "setgroups")},
          "CAP_NET_RAW": {("inet_create", "socket"), ("packet_create", "socket")}}

JOB = r"""
bin=$(cat /capmon/place)
for name in bin dev etc proc srv tmp; do mkdir -p /bundle/rootfs/$name; done
cp /bin/busybox /bundle/rootfs/bin/
chmod 1777 /bundle/rootfs/tmp
/bin/busybox --install -s /bundle/rootfs/bin
printf '%s\n' 'root:x:0:0::/:/bin/sh' 'worker:x:1000:1000::/:/bin/sh' >/bundle/rootfs/etc/passwd
printf '%s\n' 'root:x:0:' 'worker:x:1000:' >/bundle/rootfs/etc/group
cat >/bundle/config.json <<'CONFIG'
@CONFIG@
CONFIG
cat >/bundle/rootfs/work.sh <<'WORK'
@WORK@
WORK
chmod 755 /bundle/rootfs/work.sh
capmon() { "$bin/capmon" --address unix:///tmp/capmon.sock "$@"; }
# answer NAME COMMAND...: on one line.
answer() {
  name=$1
  shift
  echo "$name $("$@" | tr -d '\n')" >/dev/ttyS1
}
worked() { capmon profile "$1" -o json 2>/dev/null | tr -d ' \n' | grep -q '"count":'; }
for back_end in @BACK_ENDS@; do
  echo "back end $back_end: $(cut -d ' ' -f 1 /proc/uptime) s"
  "$bin/capmond" --address unix:///tmp/capmon.sock --state-dir none --pin-dir none --backend "$back_end" \
    --cri-socket none --docker-socket none </dev/null &
  capmond=$!
  until capmon status >/dev/null 2>&1; do
    kill -0 $capmond || break
    sleep 1
  done
  rm -f /bundle/rootfs/srv/* /bundle/rootfs/tmp/* # else the next run's files are another user's
  runc run --bundle /bundle "sample-$back_end" </dev/null
  tries=0
  until worked "sample-$back_end" || [ $tries = 60 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  sleep 3
  answer "$back_end-status" capmon status -o json
  answer "$back_end-profile" capmon profile "sample-$back_end" -o json
  for capability in @NEEDED@; do
    answer "$back_end-$capability" capmon explain "sample-$back_end" $capability -o json
  done
  kill $capmond
  wait $capmond
done
"""


def work():
    """The sample's, and a second function that checks NET_RAW in the same system call of the same program."""
    text = (SAMPLE / "work.sh").read_text().replace("exec sleep 3600", "").replace("set -e\n", "")
    return text + "arping -c 1 -I lo 127.0.0.1\nexit 0"


def answers_of(series):
    fetched = subprocess.run([HERE / "fetch_kernel.sh", series, "arm64"], stdout=subprocess.PIPE, text=True)
    if fetched.returncode != 0:
        sys.exit(fetched.returncode)
    config = (SAMPLE / "config.json").read_text().rstrip()
    job = JOB.replace("@CONFIG@", config).replace("@WORK@", work()).replace("@NEEDED@", " ".join(NEEDED))
    machine = Machine(series, fetched.stdout.strip(), "v2", "", "arm64")
    answers, console = machine.answers_of(IMAGE, job.replace("@BACK_ENDS@", " ".join(BACK_ENDS[series])))
    told = dict(line.split(" ", 1) for line in answers.splitlines() if " " in line)
    return series, {name: json.loads(text) for name, text in told.items() if text}, console


def judge(told, back_end):
    status, profile = told[f"{back_end}-status"], told[f"{back_end}-profile"]
    assert status["backend"] == back_end, status
    # A result that was lost keeps a capability, and drops none.
    assert set(status["lost"]) <= {"outcome"}, status["lost"]
    assert set(profile["recommendation"]["keep"]) == set(NEEDED), profile["recommendation"]
    for capability, checks in NEEDED.items():
        evidence = told[f"{back_end}-{capability}"]["capability"]["evidence"]
        seen = {(row.get("site"), row.get("syscall")) for row in evidence if row["phase"] == "workload"}
        assert seen == checks, f"{capability}: {seen}"


if lacking := cross.missing("qemu-system-aarch64", "qemu-aarch64-static", "cpio"):
    print(lacking)
    sys.exit(cross.SKIPPED)
with tempfile.TemporaryDirectory() as directory:
    IMAGE = Path(directory) / "image"
    subprocess.run([HERE / "build_image.sh", IMAGE, cross.BIN, cross.BIN / "capmond", cross.BIN / "capmon"],
                   check=True, env={**os.environ, "CAPMON_SYSROOT": str(cross.SYSROOT)})
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        BOOTED = list(pool.map(answers_of, KERNELS))
tests = []
for kernel, told_there, words in BOOTED:
    for name in BACK_ENDS[kernel]:
        def test(told=told_there, name=name, words=words):
            try:
                judge(told, name)
            except (AssertionError, KeyError):
                print(words[-4000:])
                raise
        test.__name__ = f"{kernel}_{name}"
        tests.append(test)
sys.exit(run_all(tests))
