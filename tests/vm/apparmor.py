#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""capmond under the AppArmor profile that runtimes apply, on Debian's kernel: where the DaemonSet has
its pins they work, and at the usual place they are denied, which capmond reports."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import Machine

HERE = Path(__file__).resolve().parent
SERIES = "6.1"
SKIPPED = 77

# What containerd's and CRI-O's default profiles say about files.
JOB = r"""
bin=$(cat /capmon/place)
mount -t securityfs securityfs /sys/kernel/security
cat >/tmp/profile <<'PROFILE'
profile pod flags=(attach_disconnected,mediate_deleted) {
  network,
  capability,
  file,
  signal,
  ptrace peer=pod,
  deny mount,
  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/fs/cg[^r]*/** wklx,
  deny /sys/firmware/** rwklx,
  deny /sys/kernel/security/** rwklx,
}
PROFILE
"$bin/apparmor_parser" --replace --skip-cache /tmp/profile
mkdir -p /sys/fs/bpf/capmon PINS
mount --bind /sys/fs/bpf/capmon PINS
for place in "--pin-dir PINS" ""; do
  options="--address unix:///tmp/capmon.sock --state-dir none $place"
  "$bin/aa-exec" -p pod -- "$bin/capmond" $options --cri-socket none --docker-socket none &
  capmond=$!
  until "$bin/capmon" --address unix:///tmp/capmon.sock status -o json >/tmp/status 2>/dev/null; do
    kill -0 $capmond || break
    sleep 1
  done
  tr -d '\n' </tmp/status >/dev/ttyS1
  echo >/dev/ttyS1
  kill $capmond
  wait $capmond
  "$bin/capmond" $options --uninstall
done
"""


def pin_directory():
    daemonset = (HERE / "../../deploy/kubernetes/base/daemonset.yaml").read_text()
    return next(line.split("=")[1] for line in daemonset.splitlines() if "--pin-dir=" in line)


def main():
    for program in ("qemu-system-x86_64", "apparmor_parser", "aa-exec", "busybox", "cpio", "dockerd"):
        if not shutil.which(program):
            print(f"needs {program}")
            return SKIPPED
    fetched = subprocess.run([HERE / "fetch_kernel.sh", SERIES], stdout=subprocess.PIPE, text=True)
    if fetched.returncode != 0:
        return fetched.returncode
    bin_directory = Path(os.environ["CAPMON_BIN_DIR"]).resolve()
    ours = [bin_directory / "capmond", bin_directory / "capmon", shutil.which("apparmor_parser"),
            shutil.which("aa-exec")]
    with tempfile.TemporaryDirectory() as work:
        image = Path(work) / "image"
        subprocess.run([HERE / "build_image.sh", image, bin_directory, *ours], check=True)
        answers, console = Machine(SERIES, fetched.stdout.strip(), "v2", "fexit").answers_of(
            image, JOB.replace("PINS", pin_directory()))
    pins = [keep["state"] + " " + keep["detail"] for line in answers.splitlines() if line
            for keep in json.loads(line)["keeps"] if keep["name"] == "pins"]
    print(*pins, sep="\n")
    expected = [f"ok {pin_directory()}", "absent lock /sys/fs/bpf/capmon: Permission denied"]
    if len(pins) == 2 and all(map(str.startswith, pins, expected)):
        return 0
    print(console[-4000:])
    return 1


sys.exit(main())
