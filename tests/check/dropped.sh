#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every drop is counted and shown in `capmon status`: each header of the daemon that counts drops,
# evictions or losses has a row here with the place that passes the count on.
. "$(dirname "$0")/files.sh"

# HEADER | FILE | what stands in that file
rows=(
  'daemon/alert/line_sink.h              | daemon/daemon_api.cc                 | alert_lines_->dropped\(\)'
  'daemon/attribution/container_index.h  | daemon/monitor_answers.cc            | index_\.dropped_cgroups\(\)'
  'daemon/attribution/container_index.h  | daemon/monitor_answers.cc            | index_\.dropped_descriptions\(\)'
  'daemon/attribution/descriptions.h     | daemon/attribution/container_index.h | descriptions_\.dropped\(\)'
  'daemon/attribution/lookup.h           | daemon/metadata.cc                   | lookup\.dropped\(\)'
  'daemon/base/broadcast.h               | daemon/api/service.cc                | item\.dropped'
  'daemon/collector/file_reader.h        | daemon/inquiries.cc                  | tally\.dropped'
  'daemon/feed.h                         | daemon/daemon_api.cc                 | feed_->dropped\(\)'
  'daemon/sink/sink.h                    | daemon/api/sink_access.cc            | set_dropped_queue\(state\.dropped_queue\)'
  'daemon/sink/spool.h                   | daemon/sink/queued_sink.cc           | state\.dropped_spool = spool\.dropped'
  'daemon/monitor.h                      | daemon/monitor_answers.cc            | "evicted_containers", evicted_containers_'
  'daemon/monitor.h                      | daemon/monitor_answers.cc            | "evicted_alerts", evicted_alerts_'
  'daemon/profile/profile.h              | daemon/profile/confidence.cc         | evidence_dropped'
)

known=()
for row in "${rows[@]}"; do
  IFS='|' read -r header file pattern <<<"$row"
  header=${header// /} file=${file// /} pattern=${pattern# }
  known+=("$header")
  grep -qE -- "$pattern" "$file" || problem "$header: $file does not pass its count on ($pattern)"
done
# Grep reads all: if it ended early, a broken pipe would count as a problem now and then.
while read -r header; do
  printf '%s\n' "${known[@]}" | grep -xF "$header" >/dev/null ||
    problem "$header: counts what is dropped, and no row of dropped.sh says where that is shown"
done < <(files '*.h' | grep '^daemon/' |
  xargs -d '\n' grep -lE '(uint64_t|size_t) \w*(dropped|evicted)\w*( =|_ =|;)')
finish
