# SPDX-License-Identifier: Apache-2.0
"""The command of `capmon minimize --runner`: has the corpus run a case under $CAPMON_KEEP, and
prints the cgroup of its container. Usage: ask.py SOCKET CASE."""

import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    request = {"case": sys.argv[2], "keep": os.environ["CAPMON_KEEP"],
               "no_new_privileges": os.environ["CAPMON_NO_NEW_PRIVILEGES"] == "1"}
    server.sendall(json.dumps(request).encode() + b"\n")
    answer = json.loads(server.makefile().readline())
if not answer["cgroup"]:
    sys.exit(125)
print(f"cgroup:{answer['cgroup']}")
sys.exit(0 if answer["passed"] else 1)
