#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No script gives shellcheck anything to say.
. "$(dirname "$0")/files.sh"

command -v shellcheck >/dev/null || skip "shellcheck is not installed"
scripts | xargs -d '\n' shellcheck -x -P SCRIPTDIR -e SC1091,SC2016
