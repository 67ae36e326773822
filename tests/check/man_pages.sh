#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# man_pages.sh CAPMON: the man pages name every command and option, and no others.
. "$(dirname "$0")/files.sh"

capmon=$1
capmond=$(dirname "$capmon")/capmond
for program in "$capmon" "$capmond"; do
  [[ -x $program ]] || problem "$program: was not built"
done
finish

# Prints the options in a help text, one per line.
helped() { "$@" --help | sed -nE 's/^  (-[^ ]*).*/\1/p' | tr ',' '\n' | sort -u; }
# Prints the options described in a part of a page: at the beginning of a line, in bold.
described() { grep -oP '^(\*-[^*]+\*(, )?)+' | grep -oP '(?<=\*)-[^*]+' | sort -u; }
# part PAGE HEADING: from "## HEADING ..." or "# HEADING" to the next heading.
part() {
  awk -v heading="$2" '/^##? / {on = $1 == "#" ? $2 == toupper(heading) : $2 == heading}
                       !/^##? / && on' "$1"
}
compare() { # WHAT HELPED DESCRIBED
  local only
  while read -r only; do
    problem "$1: $only is in the help text and not in the page"
  done < <(comm -23 <(echo "$2") <(echo "$3") | grep .)
  while read -r only; do
    problem "$1: $only is in the page and there is no such thing"
  done < <(comm -13 <(echo "$2") <(echo "$3") | grep .)
}

page=docs/man/capmon.1.scd
compare "$page" "$(helped "$capmon")" "$(part $page options | described)"
commands=$("$capmon" --help | sed -n '/^Subcommands:/,$p' | sed -nE 's/^  ([a-z-]+)(,.*)? .*/\1/p' | sort)
[[ -n $commands ]] || problem "$capmon --help: lists no commands"
compare "$page, commands" "$commands" "$(sed -nE 's/^## ([a-z-]+).*/\1/p' $page | sort)"
for command in $commands; do
  compare "$page, capmon $command" \
    "$(helped "$capmon" "$command" | grep -vxE -e '-h|--help')" "$(part $page "$command" | described)"
done
page=docs/man/capmond.8.scd
compare "$page" "$(helped "$capmond")" "$(part $page options | described)"

# The pages can be built without warnings.
if command -v scdoc >/dev/null; then
  for page in docs/man/*.scd; do
    scdoc <"$page" >/dev/null || problem "$page: scdoc does not read it"
  done
fi
finish
