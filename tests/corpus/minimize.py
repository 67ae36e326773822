# SPDX-License-Identifier: Apache-2.0
"""`capmon minimize` with a case of the corpus as its job: each run of the search is a run of the
case in a container of its own."""

import contextlib
import json
import pathlib
import shlex
import socketserver
import sys
import threading

import capmon
from capabilities import ordered
from report import Answer, Row

ASK = pathlib.Path(__file__).parent / "ask.py"


class Server(socketserver.ThreadingUnixStreamServer):
    """Runs cases for ask.py, which capmon starts for each run of its search."""

    daemon_threads = True

    def __init__(self, session, rows: list[Row]):
        self.session = session
        self.rows = {row.case.name: row for row in rows}
        self.path = str(session.stage.dir / "minimize.sock")
        super().__init__(self.path, Handler)


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        request = json.loads(self.rfile.readline())
        self.wfile.write(json.dumps(self.answer(**request)).encode() + b"\n")

    def answer(self, case: str, keep: str, no_new_privileges: bool) -> dict:
        session, row, seen = self.server.session, self.server.rows[case], []
        names = {"all": session.everything, "none": frozenset()}
        caps = ordered(names.get(keep, frozenset(keep.split(","))))
        full = [f"CAP_{name}" for name in caps]
        process = {"capabilities": dict.fromkeys(("bounding", "effective", "permitted"), full),
                   "noNewPrivileges": no_new_privileges}
        limit = row.case.patience if keep == "all" else row.truth.limit(row.case)
        outcome = session.stage.run(row.case, {"process": process}, limit, "minimize", seen.append)
        session.say(f"{case}: {'pass' if outcome.passed else 'FAIL'} in the search with {keep} "
                    f"{outcome.reason}")
        return {"passed": outcome.passed, "cgroup": seen[0] if seen else ""}


@contextlib.contextmanager
def serving(session, rows: list[Row]):
    with Server(session, rows) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def minimize(session, daemon: capmon.Daemon, server: Server, row: Row) -> None:
    """Lets capmon search for the smallest set of a case; `row.minimized` is its answer."""
    if row.truth.broken:
        return
    runner = shlex.join(["exec", sys.executable, str(ASK), server.path, row.case.name])
    done = daemon.run("minimize", "-o", "json", "--runner", runner)
    answer = Answer()
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = {}
        answer.error = f"capmon minimize: {done.stderr.strip()[-500:]}"
    answer.keep = frozenset(map(capmon.bare, found.get("keep", [])))
    answer.search = {key: found.get(key) for key in ("end", "reason", "runs", "capabilities")}
    if found and found["end"] in ("check-fails", "failed"):
        answer.error = found["reason"]
    row.minimized = answer
