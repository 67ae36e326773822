// SPDX-License-Identifier: Apache-2.0
// A snapshot of a capmond with many containers, which uses every label of every metric.
#pragma once

#include <string>

#include "daemon/metrics/snapshot.h"
#include "daemon/monitor.h"

namespace capmon {

inline constexpr char kContainerWord[] = "confidential";  // in the name of each container

// A monitor that knows containers with checks, half of them ended.
inline MonitorStatus StatusWith(int containers) {
  Monitor monitor(CallSites::BuiltIn(), {.max_containers = 4096});
  monitor.Apply(SourceStarted{kSecond, "tp_btf", "6.18", "v2", false, {}});
  for (int i = 0; i < containers; ++i) {
    const CgroupId cgroup = 1000 + static_cast<CgroupId>(i);
    std::string id = std::to_string(i);
    id.insert(0, 64 - id.size(), 'a');
    monitor.Apply(CgroupMade{2 * kSecond, cgroup, "/docker/" + id, false});
    ContainerDescribed described;
    described.time = 2 * kSecond;
    described.container_id = id;
    described.source = "docker";
    described.name = kContainerWord + std::to_string(i);
    monitor.Apply(described);
    ChecksCounted counted;
    counted.time = 3 * kSecond;
    counted.key.cgroup = cgroup;
    counted.key.capability = static_cast<Capability>(i % 40);
    counted.key.granted = i % 3 != 0;
    counted.key.site = i % 2 == 0 ? "inet_create" : "site" + std::to_string(i);
    counted.counts.count = 1;
    monitor.Apply(counted);
    monitor.Apply(EvidenceLost{3 * kSecond, "ring-check", cgroup, 1});
    if (i % 2 == 0) monitor.Apply(CgroupRemoved{4 * kSecond, cgroup});
  }
  return monitor.Status();
}

inline SinkState BusySink(const std::string& name) {
  SinkState sink;
  sink.name = name;
  sink.accepted = sink.delivered = 5;
  sink.dropped_queue = 1;
  sink.last_delivered = kSecond;
  sink.last_error = kContainerWord;
  return sink;
}

inline MetricsSnapshot FullSnapshot(int containers, int sinks) {
  MetricsSnapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.status = StatusWith(containers);
  snapshot.health = {true, "", kSecond};
  for (const char* const name : {"cgroup", "oci", "oci users", "docker", "cri", "systemd", "files"})
    snapshot.sources.push_back({name, "ok", kContainerWord});
  for (int socket = 0; socket < 8; ++socket)  // as many as capmond queries
    snapshot.sources.push_back({"docker /run/" + std::to_string(socket), "failing", ""});
  snapshot.keeps = {{"store", "ok", "/var/lib/capmon"}, {"pins", "failing", "why"}};
  snapshot.counters = {{"files_read", 1},           {"files_unread", 2},
                       {"files_unread_dropped", 3}, {"files_unread_hung", 4},
                       {"file_readers_hanging", 5}, {"alerts_dropped", 6},
                       {"watched_seconds", 7}};
  snapshot.alerts = {{"CM001", 2}, {"CM999", 7}};
  for (int i = 0; i < sinks; ++i) snapshot.sinks.push_back(BusySink("sink" + std::to_string(i)));
  snapshot.store_bytes = 4096;
  snapshot.store_writes = 9;
  snapshot.store_written = kSecond;
  for (const char* const program : {"on_exec", "on_cap_capable"})
    snapshot.programs.push_back({program, 10, 2'500'000'000});
  snapshot.calls = {{{"GetStatus", "OK"}, 3}, {{"other", "UNIMPLEMENTED"}, 1}};
  snapshot.refusals = {{"api_refused_role", 2}, {"api_closed_slow", 0}};
  snapshot.process = ReadProcessFacts();
  return snapshot;
}

}  // namespace capmon
