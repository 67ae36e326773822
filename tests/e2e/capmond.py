# SPDX-License-Identifier: Apache-2.0
"""A private capmond that replays a recording, with capmon as its client. For tests in Python."""
import json
import os
import pathlib
import subprocess
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get('CAPMON_BIN_DIR', SOURCE / 'build/release/bin'))
PATIENCE = 60  # seconds until waiting in vain ends


def eventually(holds):
    """Waits until `holds()` is true; returns what it last was."""
    deadline = time.monotonic() + PATIENCE
    while not (result := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return result


class Capmond:
    def __init__(self, directory, recording, name='capmon.sock', bin_directory=BIN, emulator=()):
        """`emulator`: what runs the programs where this machine cannot."""
        self.bin, self.emulator = bin_directory, list(emulator)
        self.address = f'unix://{directory}/{name}'
        self.recording = pathlib.Path(directory) / (name + '.recording')
        self.recording.write_text(recording)

    def __enter__(self):
        self.process = subprocess.Popen(
            [*self.emulator, self.bin / 'capmond', '--address', self.address, '--log-level', 'warn', '--replay',
             self.recording], stdin=subprocess.DEVNULL)
        if not eventually(lambda: self.process.poll() is not None or
                          self.capmon('status').returncode == 0) or self.process.poll() is not None:
            self.__exit__()
            raise RuntimeError('capmond does not answer')
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(PATIENCE)

    def line(self, *arguments):
        return [*map(str, self.emulator), str(self.bin / 'capmon'), '--address', self.address, *map(str, arguments)]

    def capmon(self, *arguments):
        return subprocess.run(self.line(*arguments), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)

    def json(self, *arguments):
        return json.loads(self.capmon(*arguments, '-o', 'json').stdout)


def run_all(tests):
    """Runs the functions; returns the exit code. The last line counts them, as tests/report.py expects."""
    passed = failed = 0
    for test in tests:
        try:
            test()
            passed += 1
            print(f'ok {test.__name__}', flush=True)
        except Exception as error:  # a failed test must not keep the others from running
            failed += 1
            print(f'FAILED {test.__name__}: {type(error).__name__}: {error}', flush=True)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0
