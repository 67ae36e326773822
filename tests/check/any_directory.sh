#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Both commands of README.md find the source from any directory: through a link, with a blank in the
# path, read-only. A virtual machine finds the programs although it mounts something over their place.
. "$(dirname "$0")/files.sh"

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

copy="$work/a directory/capmon"
mkdir -p "$copy"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$copy"
chmod -R a-w "$copy"
chmod 755 "$work"
ln -s "$copy" "$work/link"

# said COMMAND...: what it says in another directory, as a user who can change nothing.
said() {
  (cd / && if ((EUID == 0)); then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi) 2>&1
}
for place in "$copy" "$work/link"; do
  answer=$(CAPMON_BUILD=$work/build said "$place/tests/run.sh" no-such-tier) && problem "it is a tier"
  [[ $answer == *"there is no test tier 'no-such-tier'"* ]] || problem "$place: $answer"
  ((EUID == 0)) || continue
  answer=$(CAPMON_BUILD=$work/build said "$place/deploy/quickstart.sh") && problem "without root"
  [[ $answer == *"please run it as root"* && $answer != *"No such"* ]] || problem "$place: $answer"
done

# What is mounted over the directories of programs comes before the programs.
last_mount=$(grep -n '^mount -t tmpfs' tests/vm/init | tail -n 1 | cut -d: -f1)
bind=$(grep -n '^mount --bind /capmon/bin' tests/vm/init | cut -d: -f1)
((last_mount < bind)) || problem "tests/vm/init mounts over its programs"
finish
