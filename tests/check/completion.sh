#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh CAPMON: every command and every option of the help texts is completed, by the scripts for bash, zsh and
# fish in these shells. Tab on a terminal: tests/e2e/shell_completion_test.cc.
capmon=$(realpath "$1")
. "$(dirname "$0")/files.sh"

PATH=$(dirname "$capmon"):$PATH
export CAPMON_ADDRESS=unix:///nonexistent/capmon.sock
for shell in zsh fish; do
  command -v "$shell" >/dev/null || skip "$shell is not installed"
done

# Each reads command lines and prints, for each, its number and what Tab would offer after it.
in_bash() {
  bash --norc --noprofile -c '
    compopt() { :; }
    source <(capmon completion bash)
    for ((number = 1; ; ++number)); do
      IFS= read -r line || exit 0
      read -ra COMP_WORDS <<<"$line"
      [[ $line != *" " ]] || COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
      _capmon
      ((${#COMPREPLY[@]} == 0)) || printf "$number %s\n" "${COMPREPLY[@]}"
    done'
}
# Its own part of completion is replaced by what prints: it works only while a line is edited.
in_zsh() {
  zsh -f -c '
    compdef() { :; }
    _files() { :; }
    _command_names() { :; }
    _describe() { for one in "${(@P)3}"; do print -r -- "$number ${${one//\\:/ }%%:*}"; done; }
    source <(capmon completion zsh)
    number=0
    while IFS= read -r line; do
      number=$((number + 1))
      words=("${(@s: :)line}")
      CURRENT=${#words} PREFIX=${words[-1]}
      _capmon
    done'
}
in_fish() {
  fish --private --no-config -c '
    capmon completion fish | source
    set number 0
    while read -l line
      set number (math $number + 1)
      for one in (complete -C "$line")
        printf "%s %s\n" $number (string split -m1 \t -- $one)[1]
      end
    end'
}

# What the help texts have: command, option; the whole of `capmon --help` comes first.
commands=$("$capmon" --help | sed -n '/^Subcommands:/,$p' | sed -nE 's/^  ([a-z-]+)(,.*)? .*/\1/p')
(($(wc -l <<<"$commands") > 20)) || problem "capmon --help lists no commands"
options() { "$capmon" ${1:+"$1"} --help | sed -nE 's/^  (-[^ ]*).*/\1/p' | tr ',' '\n' | sort -u; }
lines=("capmon ") wanted=("$commands")
for command in "" $commands; do
  for dashes in - --; do
    lines+=("capmon ${command:+$command }$dashes")
    wanted+=("$(options "$command" | grep -e "^$dashes")")
  done
done

for shell in bash zsh fish; do
  offered=$(printf '%s\n' "${lines[@]}" | "in_$shell" 2>&1) || problem "$shell: $offered"
  for i in "${!lines[@]}"; do
    missing=$(comm -23 <(sort -u <<<"${wanted[i]}" | grep .) \
      <(sed -n "s/^$((i + 1)) //p" <<<"$offered" | sort -u))
    [[ -z $missing ]] || problem "$shell: after '${lines[i]}' it does not offer" "${missing//$'\n'/ }"
  done
done
finish
