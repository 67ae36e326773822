#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""valid_reports.py WORK: WORK/report.sarif and WORK/profiles.json against their schemas."""

import json
import pathlib
import sys

import jsonschema

work = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).parent


def read(path):
    return json.loads(path.read_text())


schema = read(next((work / "node_modules/@microsoft/jest-sarif/lib/schemas").glob("sarif-2.1.0*.json")))
sarif = read(work / "report.sarif")
jsonschema.Draft4Validator(schema).validate(sarif)

# Each result names its rule, and a place in a file that is there.
(run,) = sarif["runs"]
rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
assert len(run["results"]) > 100, len(run["results"])
for result in run["results"]:
    assert rules[result["ruleIndex"]] == result["ruleId"], result
    (location,) = result["locations"]
    place = location["physicalLocation"]
    lines = (here / place["artifactLocation"]["uri"]).read_bytes().count(b"\n") + 1
    assert 1 <= place["region"]["startLine"] <= lines, result

ours = read(here.parent.parent / "client/profile_file/capmon-profile.schema.json")
validator = jsonschema.Draft7Validator(ours)
jsonschema.Draft7Validator.check_schema(ours)
profiles = read(work / "profiles.json")
validator.validate(profiles)
for broken in ({"version": 2}, {"workload": ""}, {"needs": {"cap_kill": "required"}}, {"more": 1}):
    assert list(validator.iter_errors([profiles[0] | broken])), broken
