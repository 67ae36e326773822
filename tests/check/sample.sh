#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The quickstart's sample rejects a busybox that cannot run in its container, with the reason.
. "$(dirname "$0")/files.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# made BUSYBOX: builds the sample's root file system with it, as quickstart.sh does.
made() {
  scratch=$work logs=$work CAPMON_BUSYBOX=$1 bash -c \
    'set -euo pipefail; . deploy/steps.sh; . deploy/sample/container.sh; make_rootfs' 2>&1
}

# bash is not static.
said=$(made /bin/bash) && problem "a busybox that is not static was taken"
[[ $said == */bin/bash*"is not static"*busybox-static* ]] || problem "not static: $said"
said=$(made "$work/none") && problem "a busybox that is not there was taken"
[[ $said == *"there is no busybox"*busybox-static* ]] || problem "missing: $said"
[[ -z $(ls "$work") ]] || problem "left behind: $(ls "$work")"
if busybox=$(command -v busybox) && ! LC_ALL=C grep -aq /ld-linux <(head -c 4096 "$busybox"); then
  made "$busybox" >/dev/null || problem "a static busybox was refused"
  "$work/bundle/rootfs/bin/true" || problem "its programs do not run"
fi
finish
