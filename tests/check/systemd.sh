#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemd understands the unit: no unknown key, exactly three capabilities in both sets, and an
# exposure score of 3.0 or better. The exit code of `verify` alone shows none of this.
. "$(dirname "$0")/files.sh"

command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
unit=deploy/systemd/capmond.service.in
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
# verify requires that the program exists.
sed -e 's#^ExecStart=\S*#ExecStart=/bin/true#' -e "s#@docdir@#/usr/share/doc/capmon#" -e "s#@sysconfdir@#/etc#" $unit >"$directory/capmond.service"

said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no --recursive-errors=no \
  "$directory/capmond.service" 2>&1) || problem "$unit: systemd refuses it"
said=$(grep -F capmond.service <<<"$said" || true)
[[ -z $said ]] || problem "$unit: $said"

dump=$(SYSTEMD_LOG_LEVEL=debug systemd-analyze verify --man=no --recursive-errors=no \
  "$directory/capmond.service" 2>&1) || true
for set in CapabilityBoundingSet AmbientCapabilities; do
  understood=$(grep -oP "^\s*$set: \K.*" <<<"$dump" | tr ' ' '\n' | sort | xargs) || true
  [[ $understood == "cap_bpf cap_dac_read_search cap_perfmon" ]] ||
    problem "$unit: systemd understands $set as '$understood'"
done

systemd-analyze security --offline=yes --threshold=30 "$directory/capmond.service" \
  >"$directory/score" || problem "$unit: $(tail -n 1 "$directory/score")"
tail -n 1 "$directory/score"
finish
