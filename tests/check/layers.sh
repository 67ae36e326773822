#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# layers.sh LINKS: includes and links follow the arrows of ARCHITECTURE.md. LINKS is written by cmake:
# one line "target: everything it links, directly or not" for each target checked.
. "$(dirname "$0")/files.sh"

# The headers that a file may include, by the first matching folder.
core='daemon/(model|attribution|profile|alert)/'
# The parts of the repository that every part of the client may use.
below='common/|proto/|daemon/(model|profile)/|daemon/attribution/cgroup_mounts\.h|daemon/base/unique_fd\.h'
may_include=(
  'bpf/                 | bpf/'
  'common/              | common/|daemon/model/|daemon/base/unique_fd\.h'
  'daemon/base/         | common/|daemon/base/'
  'daemon/model/        | daemon/model/|bpf/capmon_events\.h'
  'daemon/attribution/  | common/|daemon/(base|model|attribution)/'
  'daemon/profile/      | daemon/(model|profile)/'
  'daemon/alert/line_   | daemon/(base|alert)/'
  'daemon/alert/        | daemon/(model|profile|alert)/'
  'daemon/encode/       | common/|daemon/(model|encode)/'
  'daemon/sink/         | common/|proto/|daemon/(base|model|encode|sink)/|daemon/store/sqlite\.h'
  'daemon/settings/     | common/|daemon/(base|model|profile|alert|encode|sink|settings)/'
  "daemon/metrics/      | common/|daemon/(base|model|profile|alert|sink|metrics)/|daemon/(monitor|health)\.h"
  "daemon/ended_shares  | $core|daemon/ended_shares"
  "daemon/monitor_ch    | $core|daemon/monitor_changes"
  "daemon/evidence_book | $core|daemon/(evidence_book|monitor_changes)"
  "daemon/judge_workload | $core|daemon/(judge_workload|monitor_workloads)\.h"
  "daemon/monitor       | $core|daemon/(monitor|call_watch|ended_shares|evidence_book|judge_workload)"
  'daemon/health\.      | daemon/model/|daemon/health\.h'
  "daemon/collector/    | $core|common/|daemon/(base|collector)/|daemon/monitor\.h|bpf/"
  "daemon/store/        | $core|common/|daemon/(base|encode|store)/|daemon/monitor_changes\.h"
  "daemon/api/          | $core|common/|daemon/(base|encode|sink|api)/|daemon/(monitor|monitor_workloads|judge_workload|health)\.h"
  'daemon/              | common/|daemon/|proto/'
  "client/base/         | client/base/|$below"
  "client/host/         | client/(base|host)/|$below"
  "client/risk/         | client/(base|risk)/|$below"
  "client/rpc/          | client/(base|host|rpc)/|$below"
  "client/run/          | client/(base|host|run)/|$below"
  "client/render/       | client/(base|host|risk|render)/|$below"
  "client/profile_file/ | client/(base|render|profile_file)/|$below"
  "client/manifest/     | client/(base|host|render|profile_file|manifest)/|$below"
  "client/top/          | client/(base|host|risk|rpc|render|top)/|$below"
  "client/minimize/     | client/(base|minimize)/|$below"
  "client/commands/     | client/(base|host|risk|rpc|run|minimize|render|profile_file|manifest|commands)/|$below"
  "client/completion/   | client/(base|rpc|completion)/|$below"
  "client/cli/          | client/|$below"
  "client/main          | client/cli/"
)
# The libraries that the same folders must not link. Only the daemon's outer parts log.
kernel='bpf/|linux/bpf'
wire='grpc|google/protobuf|(capmon|runtime)/v1/.*\.pb\.h'
log='spdlog/'
scraped='prometheus/|microhttpd'
must_not_see=(
  "common/unix_http | $kernel|$wire|$log|sqlite"
  "common/ | $kernel|$wire|$log|sqlite|curl/"
  "daemon/attribution/cri\\. | $kernel|capmon/v1/.*\.pb\.h|$log|sqlite|curl/"
  "$core|daemon/encode/|daemon/monitor|daemon/judge_workload|daemon/evidence_book|daemon/health\\.|daemon/base/ | $kernel|$wire|$log|sqlite|curl/|$scraped|sys/socket"
  "daemon/collector/         | $wire|sqlite|curl/|$scraped"
  "daemon/api/               | $kernel|sqlite|curl/|$scraped"
  "daemon/sink/              | $kernel|capmon/v1/.*\.pb\.h|sqlite3|$scraped"
  "daemon/metrics/           | $kernel|$wire|$log|sqlite|curl/"
  "daemon/                   | curl/|librdkafka/|$scraped"
  "client/                   | $kernel|$log|sqlite|curl/|$scraped"
)

# rule FILE ROW...: the right side of the first row whose left side matches the beginning of FILE.
rule() {
  local file=$1 row left
  shift
  for row in "$@"; do
    left=${row%" | "*}
    left=${left%"${left##*[![:space:]]}"}
    if [[ $file =~ ^($left) ]]; then
      echo "${row##*" | "}"
      return
    fi
  done
}

is_ours() { [[ -e $1 || $1 =~ ^(common|daemon|client|bpf|tests|proto)/ ]]; }

while read -r file; do
  allowed=$(rule "$file" "${may_include[@]}")
  forbidden=$(rule "$file" "${must_not_see[@]}")
  while read -r header; do
    if is_ours "$header" && [[ ! $header =~ ^($allowed) ]]; then
      problem "$file: includes $header, and only ${allowed// /} is below it"
    elif [[ -n $forbidden && ! $header =~ ^bpf/capmon_events && $header =~ ^($forbidden) ]]; then
      problem "$file: includes <$header>, which its layer must not know"
    fi
  done < <(sed -nE 's/^#include ["<]([^">]+)[">].*/\1/p' "$file")
done < <(files '*.h' '*.cc' '*.c' | grep -E '^(bpf|common|daemon|client)/')

# The pure core and the client link nothing they must not see, directly or through others.
links_of() { sed -n "s/^$1: //p" "$links"; }
links=$1
for target in capmon_model capmon_attribution capmon_profile capmon_alert capmon_encode capmon_monitor \
  capmon_counters; do
  [[ -n $(links_of $target) ]] || problem "$links: no such target as $target"
  ! links_of $target | grep -oiE '\S*(libbpf|_skel|grpc|protobuf|capmon_proto|sqlite|curl|spdlog|prometheus|microhttpd)\S*' ||
    problem "$target: links the above, and the core must stay pure"
done
! links_of capmon | grep -oiE '\S*(libbpf|_skel|sqlite|spdlog|prometheus|microhttpd|capmon_(collector|monitor|api|alert))\S*' ||
  problem "capmon: links the above, and the client speaks only the protocol"
finish
