#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""merged_compose.py OVERRIDE: valid by the schema docker-compose brings, and taken by it on top of a
file that gives its one service everything; prints the merged service as JSON."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

package = importlib.util.find_spec("compose")
if package is None:
    sys.exit("docker-compose is not installed")
schema = pathlib.Path(package.submodule_search_locations[0], "config/compose_spec.json")
override = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft7Validator(json.loads(schema.read_text())).validate(override)
(name,) = override["services"]
below = {"image": "web", "privileged": True, "cap_add": ["SYS_PACCT"]}
with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
    yaml.safe_dump({"services": {name: below}}, file)
    config = subprocess.run(["docker-compose", "-f", file.name, "-f", sys.argv[1], "config"],
                            check=True, capture_output=True, text=True).stdout
print(json.dumps(yaml.safe_load(config)["services"][name]))
