#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""valid_compose.py FILE...: each is valid by the schema that docker-compose brings."""

import importlib.util
import json
import pathlib
import sys

import jsonschema
import yaml

package = importlib.util.find_spec("compose")
if package is None:
    sys.exit("docker-compose is not installed")
schema = pathlib.Path(package.submodule_search_locations[0], "config/compose_spec.json")
validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
for name in sys.argv[1:]:
    for error in validator.iter_errors(yaml.safe_load(pathlib.Path(name).read_text())):
        sys.exit(f"{name}: {error.message}")
