# SPDX-License-Identifier: Apache-2.0
"""One virtual machine: a kernel, a cgroup layout, one of capmond's back ends; boots, tests, ends."""
import os
import re
import subprocess
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

PATIENCE = 8  # emulation is at most that much slower
PROGRAM_SECONDS, MACHINE_SECONDS = 600, 1700
COMMON = ["-accel", "tcg,thread=single", "-smp", "2", "-m", "2048", "-nodefaults", "-no-user-config",
          "-display", "none", "-no-reboot", "-serial", "stdio", "-chardev", "file,id=answers,path=answers"]
# The console is the first serial port, the second takes the answers away.
QEMU = {"amd64": ["qemu-system-x86_64", "-M", "q35", *COMMON, "-serial", "chardev:answers"],
        "arm64": ["qemu-system-aarch64", "-M", "virt,gic-version=3", *COMMON, "-device", "pci-serial,chardev=answers"]}
KERNEL_LINE = {"amd64": "console=ttyS0", "arm64": "console=ttyAMA0 answers=ttyS0"}


def processor(architecture, series):
    """arm64: one that signs return addresses.
    amd64: qemu 7.2 computes wrong flags for cmpxchg16b, and kernels that use it much die at random. From
    7.0 on it is rarely used, but without it BPF programs get no memory for what belongs to a task."""
    if architecture == "arm64":
        return "max,pauth-impdef=on"
    return "max" if int(series.split(".")[0]) >= 7 else "max,-cx16"


JOB = """export CAPMON_REQUIRE_LIVE=1 CAPMON_TEST_PATIENCE={patience} CAPMON_TEST_BACKEND={back_end}
export GTEST_COLOR=no GTEST_FILTER='{pattern}' GTEST_OUTPUT=xml:/tmp/result.xml
for test in {programs}; do
  echo "program $test"
  program="$(cat /capmon/place)/live_${{test}}_test"
  timeout {seconds} "$program"
  ended=$?
  # Emulation has no steady speed: a failure counts when it happens twice.
  if [ $ended != 0 ]; then
    echo "repeated $test: it ended with $ended"
    rm -f /tmp/result.xml
    timeout {seconds} "$program"
    ended=$?
  fi
  echo "ended $test $ended" >/dev/ttyS1
  cat /tmp/result.xml >/dev/ttyS1
  rm -f /tmp/result.xml
done
"""


class Machine:
    def __init__(self, series, kernel, layout, back_end, architecture="amd64"):
        self.architecture = architecture
        self.series, self.kernel, self.layout, self.back_end = series, kernel, layout, back_end
        self.name = f"{series}-{layout}-{back_end}"
        self.release = None  # what the kernel calls itself, once it has booted
        self.passed, self.failed, self.skipped, self.seconds = 0, 0, [], 0.0
        self.repeated = []  # programs that failed the first time
        self.results = xml.Element("testsuites", name=self.name)

    def answers_of(self, image, job):
        """Boots, and returns what a job wrote to /dev/ttyS1 and to the console."""
        with tempfile.TemporaryDirectory() as work, open(f"{work}/console", "w+b") as console:
            answers = self._boot(Path(work), image, job, console)
            console.seek(0)
            return answers, console.read().decode(errors="replace")

    def run(self, image, programs, pattern, kept):
        """Boots, and takes the results down. `kept`: where the console's words go."""
        started = time.monotonic()
        job = JOB.format(patience=PATIENCE, back_end=self.back_end, pattern=pattern,
                         programs=" ".join(programs), seconds=PROGRAM_SECONDS)
        with tempfile.TemporaryDirectory() as work:
            with open(kept / f"{self.name}.console", "wb") as console:
                answers = self._boot(Path(work), image, job, console)
        self.seconds = time.monotonic() - started
        words = (kept / f"{self.name}.console").read_text(errors="replace")
        booted = re.search(r"^booted: ([^,]+),", words, re.MULTILINE)
        self.release = booted and booted[1]
        self.repeated = re.findall(r"^repeated (.*)$", words, re.MULTILINE)
        for program in programs:
            self._take_down(program, answers, words)
        return self

    def _boot(self, work, image, job, console):
        """What the second serial port said. The job is an archive of its own behind the image."""
        (work / "job").write_text(job)
        archive = subprocess.run(["cpio", "--create", "--format", "newc", "--quiet"], cwd=work,
                                 input=b"job\n", stdout=subprocess.PIPE, check=True).stdout
        (work / "initrd").write_bytes(Path(image).read_bytes() + archive)
        line = f"{KERNEL_LINE[self.architecture]} quiet panic=-1 layout={self.layout}"
        command = QEMU[self.architecture] + [
            "-cpu", processor(self.architecture, self.series), "-kernel", Path(self.kernel).resolve(),
            "-initrd", "initrd", "-append", line]
        try:
            subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=console,
                           stderr=subprocess.STDOUT, timeout=MACHINE_SECONDS,
                           check=False)
        except subprocess.TimeoutExpired:
            console.write(b"\nstopped: it did not end by itself\n")
        return (work / "answers").read_text(errors="replace")

    def _take_down(self, program, answers, words):
        found = re.search(rf"^ended {program} (\d+)\n(<\?xml.*?</testsuites>)?", answers,
                          re.MULTILINE | re.DOTALL)
        suites = list(xml.fromstring(found[2])) if found and found[2] else []
        if not suites and not (found and found[1] == "0"):
            suites = [self._died(program, words)]
        for suite in suites:
            for case in suite.iter("testcase"):
                case.set("classname", f"{self.name} {case.get('classname')}")
            self.results.append(suite)

    def _died(self, program, words):
        """A failed case in the place of those that a program, or the whole machine, took along."""
        said = words.split(f"program {program}")[-1] if f"program {program}" in words else words
        suite = xml.Element("testsuite", name=program)
        case = xml.SubElement(suite, "testcase", classname=program, name="ends", time="0")
        xml.SubElement(case, "failure", message="\n".join(said.splitlines()[-30:]))
        return suite

    def print_results(self):
        """A line for each case, then the failures; the XML goes where $GTEST_OUTPUT says."""
        for program in self.repeated:
            print(f"repeated {program}")
        for case in self.results.iter("testcase"):
            failures, skipped = case.findall("failure"), case.find("skipped")
            name = f"{case.get('classname')}.{case.get('name')}"
            word = "FAILED" if failures else "skipped" if skipped is not None else "ok"
            print(f"{word:8}{name} ({float(case.get('time', 0)):.1f} s)")
            for failure in failures:
                print(f"        {failure.get('message')}")
            if skipped is not None:
                self.skipped.append(name)
            self.failed += bool(failures)
            self.passed += word == "ok"
        directory = os.environ.get("GTEST_OUTPUT", "")
        if directory.startswith("xml:") and directory.endswith("/"):
            xml.ElementTree(self.results).write(f"{directory[4:]}vm_{self.name}.xml")
