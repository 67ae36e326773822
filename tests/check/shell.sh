#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
. "$(dirname "$0")/files.sh"

command -v shellcheck >/dev/null || skip "shellcheck is not installed"
mapfile -t whole < <(scripts | xargs -d '\n' grep -lE '^#!|^# shellcheck shell=')
mapfile -t parts < <(scripts | grep -vxFf <(printf '%s\n' "${whole[@]}"))
shellcheck -x -P SCRIPTDIR -e SC1091,SC2016,SC2317 "${whole[@]}" || problem "see above"
# These run with bash -e inside a container, together with others.
((${#parts[@]} == 0)) || shellcheck -s bash -S warning -e SC2034,SC2154,SC2164 "${parts[@]}" ||
  problem "see above"
finish
