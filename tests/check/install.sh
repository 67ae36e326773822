#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `cmake --install` into an empty root leaves everything a package needs, and the unit starts what was
# installed.   install.sh BUILD-DIRECTORY
build=$(realpath "$1")
. "$(dirname "$0")/files.sh"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cmake --install "$build" --prefix "$root" >"$root/log" || problem "cmake --install fails: $(tail -n 1 "$root/log")"

for file in bin/capmon bin/capmond lib/systemd/system/capmond.service lib/sysusers.d/capmon.conf \
  share/bash-completion/completions/capmon share/zsh/site-functions/_capmon \
  share/fish/vendor_completions.d/capmon.fish share/doc/capmon/README.md share/doc/capmon/LICENSE \
  etc/capmon/capmond.yaml share/doc/capmon/capmond.yaml \
  share/doc/capmon/prometheus/rules.yml share/doc/capmon/prometheus/dashboard.json \
  bin/kubectl-capmon share/capmon/kubectl/capmon.yaml share/capmon/helm/capmon/Chart.yaml \
  share/capmon/helm/capmon/templates/_helpers.tpl share/capmon/kubernetes/kustomization.yaml \
  share/capmon/kubernetes/components/uninstall/kustomization.yaml share/doc/capmon/SECURITY.md \
  share/doc/capmon/CHANGELOG.md share/doc/capmon/docs/cli.md share/capmon/capmon-profile.schema.json \
  share/capmon/capmon-alert.schema.json; do
  [[ -s $root/$file ]] || problem "cmake --install leaves no $file"
done
cmake --install "$build" --prefix "$root" --component debug >>"$root/log" || problem "cmake --install --component debug fails"
for program in capmon capmond; do
  sections=$(readelf -SW "$root/bin/$program")
  [[ $sections == *.gnu_debuglink* && $sections != *.symtab* ]] || problem "the installed $program is not stripped"
  [[ -s $root/bin/.debug/$program.debug ]] || problem "there is no debug information of $program to install"
done
if command -v scdoc >/dev/null; then
  for page in man1/capmon.1 man8/capmond.8; do
    [[ -s $root/share/man/$page ]] || problem "cmake --install leaves no man page $page"
  done
fi

# All of deploy/ that is for clusters.
for directory in helm kubernetes; do
  diff -r "deploy/$directory" "$root/share/capmon/$directory" || problem "cmake --install leaves out parts of deploy/$directory"
done

unit=$root/lib/systemd/system/capmond.service
program=$(sed -n 's/^ExecStart=\(\S*\).*/\1/p' "$unit")
[[ $program == "$root/bin/capmond" ]] || problem "the installed unit starts '$program'"
grep -q '@[a-z]*@' "$unit" && problem "the installed unit has an unfilled placeholder"
"$program" --version >/dev/null || problem "the program the unit names does not run"
settings=$(sed -n 's/^ExecStart=.*--config \(\S*\).*/\1/p' "$unit")
[[ $settings == "$root/etc/capmon/capmond.yaml" ]] || problem "the installed unit reads '$settings'"
"$program" --config "$settings" --check-config >/dev/null || problem "the installed settings are not valid"
echo "log_level: warn" >"$settings"
cmake --install "$build" --prefix "$root" >>"$root/log" || problem "cmake --install fails the second time"
grep -qx "log_level: warn" "$settings" || problem "cmake --install replaces settings that were changed"
finish
