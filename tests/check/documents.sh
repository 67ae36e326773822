#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# documents.sh CAPMON: documents name only commands, options and files that exist, docs/cli.md names
# all commands and options, and docs/README.md all pages.
. "$(dirname "$0")/files.sh"

capmon=$1
capmond=$(dirname "$capmon")/capmond
for program in "$capmon" "$capmond"; do
  [[ -x $program ]] || problem "$program: was not built"
done

# Commands at a prompt or in code quotes: `capmon profile web`, $ sudo capmond --record FILE.
mapfile -t documents < <(files '*.md')
quoted() {
  grep -noP '`\K(sudo )?capmond?( [^`]*)?(?=`)|^ *(\$ (sudo )?|sudo )\Kcapmond? .*' "$1" |
    sed 's/sudo //'
}
for document in "${documents[@]}"; do
  while IFS=: read -r line words; do
    read -ra word <<<"$words"
    program=$capmon
    [[ ${word[0]} == capmon ]] || program=$capmond
    command=
    for argument in "${word[@]:1}"; do
      if [[ $argument == -- || $argument == '|' ]]; then
        break
      elif [[ $argument =~ ^[a-z]+(-[a-z]+)*$ && -z $command && $program == "$capmon" ]]; then
        command=$argument
        "$capmon" --help | grep -E "^  ([a-z]+, )*$command(,| |\$)" >/dev/null ||
          problem "$document:$line: there is no command 'capmon $command'"
      elif [[ $argument =~ ^(-[a-zA-Z]|--[a-z-]+)$ ]]; then
        { "$program" --help; [[ -z $command ]] || "$program" "$command" --help; } 2>&1 |
          grep -qE -- "(^|[ ,])$argument\b" ||
          problem "$document:$line: '${word[0]} $command' has no option $argument"
      fi
    done
  done < <(quoted "$document")

  # Links to files, and paths in code quotes.
  while IFS=: read -r line path; do
    [[ -e $path || -e $(dirname "$document")/$path ]] ||
      problem "$document:$line: there is no file $path"
  done < <(
    grep -noP '\]\(\K(?!https?:|#)[^)#]+' "$document"
    grep -noP '`\K(bpf|client|cmake|daemon|deploy|docs|proto|tests)/[\w./-]+(?=`)' "$document"
  )
done

for page in docs/*.md docs/siem/*.md; do
  page=${page#docs/}
  [[ $page == README.md ]] || grep -qF "($page" docs/README.md || problem "docs/README.md does not name $page"
done

cli=docs/cli.md
for command in "" $("$capmon" --help | sed -n '/^Subcommands:/,$p' | sed -nE 's/^  ([a-z-]+)(,.*)? .*/\1/p'); do
  grep -qE "capmon $command\b" $cli || problem "$cli: says nothing of capmon $command"
  while read -r option; do
    grep -qE -- "$option\b" $cli || problem "$cli: says nothing of capmon $command $option"
  done < <("$capmon" ${command:+"$command"} --help | grep -oP '^  (-\w,)?\K--[a-z-]+' | grep -vxE -e '--(help|version)')
done
finish
