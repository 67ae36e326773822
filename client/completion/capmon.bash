# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Completion of capmon for bash. To use it: source <(capmon completion bash)

_capmon() {
  # bash splits words at : and =, which our arguments contain. They are joined again here: as in the
  # line, where no blank is between them.
  local line=${COMP_LINE:0:COMP_POINT} word rest
  local -a words=()
  rest=$line
  local i glue=
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || word=${word:0:${#rest}}
    if [[ $glue == yes && $rest != [[:space:]]* ]]; then
      words[${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    rest=${rest#"${rest%%[![:space:]]*}"}
    rest=${rest#"$word"}
    glue=no
    if [[ $word == *[:=]* || ${COMP_WORDS[i + 1]-} == [:=]* ]]; then glue=yes; fi
  done

  local current=${words[${#words[@]}-1]} text
  COMPREPLY=()
  while IFS=$'\t' read -r text _; do
    case $text in
      :files)
        while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -f -- "$current")
        compopt -o filenames
        ;;
      :commands)
        while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -c -- "$current")
        ;;
      :more) compopt -o nospace ;;
      *) COMPREPLY+=("$text") ;;
    esac
  done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)

  # What stands before the last : or = stays as it is on the line.
  local before=${current%"${current##*[:=]}"}
  [[ -z $before || ${COMP_WORDBREAKS//[^:=]/} == "" ]] || COMPREPLY=("${COMPREPLY[@]#"$before"}")
}
complete -F _capmon capmon
