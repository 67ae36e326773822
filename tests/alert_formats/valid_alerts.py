#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""valid_alerts.py WORK: the alerts in WORK/FORMAT.txt, native by its JSON Schema, OCSF by the table of
published attributes (no registry has the schema as a package), Falco by what falcosidekick checks, CEF by
its keys. Each check also finds the errors that are put into a good alert."""

import copy
import json
import pathlib
import re
import sys

import jsonschema

work = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).parent


def lines(name):
    found = (work / f"{name}.txt").read_bytes().decode().split("\n")
    assert found.pop() == "" and len(found) > 300, name
    return found


def refused(check, good, *changes):
    """Each change to the good alert, (path, value), is found by the check."""
    check(good)
    for *path, last, value in changes:
        broken = copy.deepcopy(good)
        at = broken
        for key in path:
            at = at[key]
        if value is None:
            del at[last]
        else:
            at[last] = value
        try:
            check(broken)
        except (AssertionError, TypeError, jsonschema.ValidationError):
            continue
        raise AssertionError(f"{path} {last} may be {value}")


# Native.
schema = json.loads((here.parent.parent / "daemon/encode/capmon-alert.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)


def closed(part):
    """The schema without room for members that it does not name: a newer capmon may add some, this one
    must not."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: closed(value) for key, value in part.items()}
    if isinstance(part.get("properties"), dict) and "type" in part:
        part.setdefault("additionalProperties", False)
    return part


def check_native(alert):
    native.validate(alert)


native = jsonschema.Draft7Validator(closed(schema))
natives = [json.loads(line) for line in lines("native")]
for alert in natives:
    check_native(alert)
refused(check_native, natives[0], ("version", 2), ("first", "today"), ("severity", "dire"), ("id", None),
        ("check", "decision", "maybe"), ("process", "pid", -1), ("process", "path", "/bin/sh"),
        ("container", "labels", {"a": 1}), ("process", "sets", "effective", ["NET_RAW"]))

# OCSF.
objects = {}
published = [here / f"ocsf-{version}.tsv" for version in ("1.5.0", "1.6.0")]
for row in "".join(path.read_text() for path in published).splitlines():
    if row.startswith("#"):
        continue
    name, attribute, kind, requirement, values = (row.split("\t") + [""] * 4)[:5]
    table = objects.setdefault(name, {"attributes": {}, "one_of": []})
    if kind == "at_least_one":
        table["one_of"] = values.split(",")
    else:
        table["attributes"][attribute] = (kind, requirement, [int(v) for v in values.split(",") if v])

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def whole(value, bits):
    return type(value) is int and -(1 << bits - 1) <= value < 1 << bits - 1


def check_value(where, kind, values, value):
    if kind.endswith("[]"):
        assert isinstance(value, list), where
        for item in value:
            check_value(where, kind[:-2], values, item)
    elif kind in objects:
        check_object(where, kind, value)
    elif kind in ("string_t", "hostname_t"):
        assert isinstance(value, str), where
    elif kind == "uuid_t":
        assert UUID.fullmatch(value), where
    elif kind == "integer_t":
        assert whole(value, 64 if where.endswith("pid") else 32), (where, value)
    elif kind in ("long_t", "timestamp_t"):
        assert whole(value, 64), where
    elif kind == "boolean_t":
        assert isinstance(value, bool), where
    else:
        assert kind in ("object", "json_t") and isinstance(value, dict), where
    assert not values or value in values, (where, value)


def check_object(where, name, value):
    assert isinstance(value, dict), where
    table = objects[name]
    for attribute, (kind, requirement, values) in table["attributes"].items():
        assert requirement != "required" or attribute in value, f"{where}.{attribute} is missing"
        if attribute in value:
            check_value(f"{where}.{attribute}", kind, values, value[attribute])
    unknown = value.keys() - table["attributes"].keys()
    assert not unknown, f"{where} has {unknown}"
    assert not table["one_of"] or value.keys() & set(table["one_of"]), where


def check_ocsf(event):
    name, version = ("iam_analysis_finding", "1.6.0") if event["class_uid"] == 2008 else ("detection_finding", "1.5.0")
    check_object("event", name, event)
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["metadata"]["version"] == version


findings = [json.loads(line) for line in lines("ocsf")]
for finding in findings:
    check_ocsf(finding)
refused(check_ocsf, findings[0], ("activity_id", 7), ("type_uid", 200402), ("severity_id", None), ("time", "today"),
        ("metadata", "product", {}), ("finding_info", "uid", None), ("finding_info", "analytic", "type_id", 77),
        ("evidences", 0, "process", "path_name", "x"), ("device", "type_id", None), ("count", 1 << 31),
        ("finding_info", "attacks", [{"version": "17.1"}]), ("evidences", {}))
posture = next(finding for finding in findings if finding["class_uid"] == 2008)
refused(check_ocsf, posture, ("class_uid", 2004), ("type_uid", 200401), ("permission_analysis_results", None),
        ("permission_analysis_results", 0, "granted_privileges", "CAP_CHOWN"), ("is_alert", True),
        ("permission_analysis_results", 0, "unused_privileges_count", "2"), ("evidences", []),
        ("permission_analysis_results", 0, "policy", {"is_applied": True}), ("metadata", "version", "1.5.0"))

# Falco.
PRIORITIES = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"]


def check_falco(alert):
    assert set(alert) <= {"hostname", "output", "output_fields", "priority", "rule", "source", "tags", "time"}
    assert alert["priority"] in PRIORITIES and alert.get("rule", "") and alert["source"] == "capmon"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", alert["time"])
    assert re.match(r"\d\d:\d\d:\d\d\.\d{9}: " + alert["priority"] + " ", alert["output"])
    assert "\n" not in alert["output"] and all(isinstance(tag, str) for tag in alert["tags"])
    fields = alert["output_fields"]
    assert fields and not any(isinstance(value, (dict, list)) for value in fields.values())
    for name in ("k8s.ns.name", "k8s.pod.name"):
        assert isinstance(fields.get(name, ""), str)


falcos = [json.loads(line) for line in lines("falco")]
for alert in falcos:
    if alert["rule"]:
        check_falco(alert)
refused(check_falco, falcos[1], ("priority", "High"), ("rule", ""), ("time", 1), ("output_fields", {}),
        ("output_fields", "k8s.ns.name", 7), ("output", "no time"))

# CEF: the lengths and numbers of its dictionary.
LENGTHS = {"act": 63, "cat": 1023, "deviceExternalId": 255, "dvchost": 100, "externalId": 40, "filePath": 1023,
           "flexString1": 1023, "flexString1Label": 128, "flexString2": 1023, "flexString2Label": 128, "msg": 1023,
           "outcome": 63, "reason": 1023, "sproc": 1023, "suid": 1023}
LENGTHS |= {f"cs{i}": 4000 for i in range(1, 7)} | {f"c{kind}{i}Label": 1023 for kind in "sn" for i in range(1, 7)}
NUMBERS = {"cn1", "cn2", "cn3", "cnt", "end", "rt", "spid", "start"}
ESCAPES = {"n": "\n"}


def unescaped(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)


def check_cef(line):
    assert len(line.encode()) <= 8192 and not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", line), line
    version, *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    assert version == "CEF:0" and len(header) == 6 and header[5] in "3 4 6 7 8".split(), line
    keys = re.findall(r"(?:^| )(\w+)=((?:[^\\=]|\\.)*?)(?= \w+=|$)", extension)
    assert " ".join(f"{key}={value}" for key, value in keys) == extension, line
    assert len(dict(keys)) == len(keys), line
    for key, value in keys:
        if key in NUMBERS:
            assert re.fullmatch(r"-?\d{1,20}", value), (key, value)
        else:
            assert key in LENGTHS or re.fullmatch(r"Capmon[A-Za-z]+", key), key
            assert len(unescaped(value).encode()) <= LENGTHS.get(key, 1023), key


for line in lines("cef"):
    check_cef(line)
good = lines("cef")[0]
for broken in (good.replace("|", "!", 1), good + " msg=again", good + " more=1", good + "=", good + " act=" + "x" * 64,
               good.replace("cnt=1", "cnt=one"), good + "\t"):
    refused(lambda case: check_cef(case[0]), [good], (0, broken))

print(f"{len(natives)} alerts are valid in the formats native, ocsf, falco and cef")
