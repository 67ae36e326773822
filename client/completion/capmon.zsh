#compdef capmon
# SPDX-License-Identifier: Apache-2.0
# Completion of capmon for zsh. To use it: source <(capmon completion zsh), after compinit; or put it
# into a directory of $fpath as _capmon.

_capmon() {
  local line text shells= more=
  local -a described before
  before=("${(@Q)words[2,CURRENT-1]}")
  for line in "${(@f)$("${(Q)words[1]}" __complete -- "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files | :commands) shells=$line ;;
      :more) more=yes ;;
      *)
        text=${line%%$'\t'*}
        if [[ $line == *$'\t'* ]]; then
          described+=("${text//:/\\:}:${line#*$'\t'}")
        else
          described+=("${text//:/\\:}")
        fi
        ;;
    esac
  done
  local -a options
  [[ -z $more ]] || options=(-S '')
  ((${#described} == 0)) || _describe -V capmon described "${options[@]}"
  case $shells in
    :files) _files ;;
    :commands) _command_names -e ;;
  esac
}

if [[ ${funcstack[1]-} == _capmon ]]; then
  _capmon "$@"
else
  compdef _capmon capmon
fi
