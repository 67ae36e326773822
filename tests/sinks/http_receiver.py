#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""http_receiver.py DIRECTORY [CERTIFICATE KEY CLIENT_CA]: an HTTP server for the tests of sinks.

Prints its port. Appends each accepted request to DIRECTORY/requests as one line of JSON with its
path, headers and body. DIRECTORY/faults holds what the next requests get instead, one word each:
a status, "hang" or "close"; while there is a file DIRECTORY/away, all get 503. Paths answer as
their products do: Splunk with acknowledgement (the second question gets "true"), Elasticsearch's
_bulk item by item (a document with "poison" in it is refused), falcosidekick with its four checks.
"""
import gzip
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

directory = Path(sys.argv[1])
lock = threading.Lock()
questions = {}
acknowledgements = 0
PRIORITIES = {"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational",
              "Debug"}


def next_fault():
    faults = directory / "faults"
    words = faults.read_text().split() if faults.exists() else []
    if words:
        rest = directory / "faults.rest"
        rest.write_text(" ".join(words[1:]))
        rest.rename(faults)
    return words[0] if words else None


def splunk(body):
    global acknowledgements
    decoder, events, at = json.JSONDecoder(), [], 0
    while at < len(body):
        event, at = decoder.raw_decode(body, at)
        events.append(event)
    if any("poison" in json.dumps(event) for event in events):
        return 400, {"text": "Invalid data format", "code": 6}
    acknowledgements += 1
    return 200, {"text": "Success", "code": 0, "ackId": acknowledgements}


def splunk_ack(body):
    answer = {}
    for number in json.loads(body)["acks"]:
        questions[number] = questions.get(number, 0) + 1
        answer[str(number)] = questions[number] > 1
    return 200, {"acks": answer}


seen = set()


def bulk(body):
    lines, items = body.split("\n")[:-1], []
    if not body.endswith("\n") or len(lines) % 2:
        return 400, {"error": "The bulk request must be terminated by a newline"}
    for action, document in zip(lines[::2], lines[1::2]):
        create, document = json.loads(action)["create"], json.loads(document)
        if "poison" in json.dumps(document):
            result = {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "bad"}}
        elif create["_id"] in seen:
            result = {"status": 409, "error": {"type": "version_conflict", "reason": "exists"}}
        else:
            seen.add(create["_id"])
            result = {"status": 201}
        items.append({"create": result})
    return 200, {"errors": any(item["create"]["status"] != 201 for item in items), "items": items}


def falcosidekick(body):
    alert = json.loads(body)
    ok = (alert.get("priority") in PRIORITIES and alert.get("rule") and alert.get("time")
          and alert.get("output_fields"))
    for key in ("k8s.ns.name", "k8s.pod.name"):
        ok = ok and isinstance(alert["output_fields"].get(key, ""), str)
    return (200, {}) if ok else (400, {"error": "a malformed alert"})


def plain(body):
    return (400, {"error": "no"}) if "poison" in body else (200, {})


ANSWERS = {"/services/collector/event": splunk, "/services/collector/ack": splunk_ack,
           "/_bulk": bulk, "/falco": falcosidekick}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            fault = "503" if (directory / "away").exists() else next_fault()
        if fault == "hang":
            time.sleep(3600)
        if fault == "close":
            self.close_connection = True
            return
        if fault:
            self.reply(int(fault), {"error": "as requested"})
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        text = body.decode("utf-8")
        path = self.path.split("?")[0]
        with lock:
            code, answer = ANSWERS.get(path, plain)(text)
            if code == 200:
                with open(directory / "requests", "a", encoding="utf-8") as file:
                    file.write(json.dumps({"path": self.path, "headers": dict(self.headers),
                                           "body": text}) + "\n")
        self.reply(code, answer)

    def reply(self, code, answer):
        data = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if code in (429, 503):
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that is refused closes the connection


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[4])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
