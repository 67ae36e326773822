#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deploy/prometheus: the rules do what rules_test.yml says, each has a test, and rules and dashboard
# use only metrics that docs/metrics.md has.
. "$(dirname "$0")/files.sh"

folder=deploy/prometheus
documented=$(sed -n '/<!-- metrics -->/,/<!-- end of metrics -->/p' docs/metrics.md |
  sed -nE 's/^\| `([a-z_]+)`.*/\1/p' | sort -u)
[[ $documented == *capmon_healthy* ]] || problem "docs/metrics.md: has no table of metrics"
for file in rules.yml dashboard.json; do
  used=$(grep -oE '\b(capmon|process)_[a-z_]+[a-z]\b' "$folder/$file" | sort -u)
  [[ $used == *capmon_healthy* ]] || problem "$folder/$file: uses no metrics"
  while read -r metric; do
    problem "$folder/$file: there is no metric $metric"
  done < <(comm -23 <(echo "$used") <(echo "$documented"))
done
while read -r rule; do
  (($(grep -cx " *alertname: $rule" $folder/rules_test.yml) >= 2)) ||
    problem "$folder/rules_test.yml: $rule is not tested, quiet and firing"
done < <(sed -nE 's/^ *- alert: (\w+)$/\1/p' $folder/rules.yml)
jq -e '.panels | length > 10' $folder/dashboard.json >/dev/null || problem "$folder/dashboard.json: no panels"

if ! command -v promtool >/dev/null; then
  ((problems > 0)) || skip "promtool is not installed"
  finish
fi
promtool check rules $folder/rules.yml >/dev/null || problem "$folder/rules.yml: promtool does not take it"
promtool test rules $folder/rules_test.yml || problem "$folder/rules_test.yml: a rule does otherwise"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "s#/etc/prometheus/capmon-rules.yml#$PWD/$folder/rules.yml#" $folder/scrape.yml >"$work/prometheus.yml"
promtool check config "$work/prometheus.yml" >/dev/null || problem "$folder/scrape.yml: promtool does not take it"
finish
