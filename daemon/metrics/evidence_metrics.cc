// SPDX-License-Identifier: Apache-2.0
// Metrics of what capmond has counted, and of what it missed.
#include "daemon/metrics/metric_table.h"
#include "daemon/model/loss.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

using enum Metric::Kind;

constexpr size_t kContainerStates = 2 * 5;  // running and ended, of each kind
constexpr size_t kMostLosses = 14;          // the table of loss.cc, and unknown ones
constexpr size_t kPlacesAndStates = 2 * 3, kSourcesAndStates = (6 + 9) * 3;

AllSeries Checks(const MetricsSnapshot& now) {
  AllSeries all;
  for (const VerdictTraits& traits : kVerdicts) {
    const auto found = now.status.checks.find(traits.verdict);
    const uint64_t count = found == now.status.checks.end() ? 0 : found->second;
    all.push_back({{traits.name}, static_cast<double>(count)});
  }
  return all;
}

AllSeries Containers(const MetricsSnapshot& now) {
  AllSeries all;
  for (const ContainerKind kind :
       {ContainerKind::kContainer, ContainerKind::kUnit, ContainerKind::kSession,
        ContainerKind::kHost, ContainerKind::kUnknown})
    for (const auto& [state, counts] :
         {std::pair("running", &now.status.running), std::pair("ended", &now.status.ended)}) {
      const auto found = counts->find(kind);
      all.push_back(
          {{Name(kind), state}, found == counts->end() ? 0 : static_cast<double>(found->second)});
    }
  return all;
}

const char* WordOf(LossKind kind) {
  switch (kind) {
    case LossKind::kEvidence: return "check";
    case LossKind::kOutcome: return "outcome";
    case LossKind::kDetail: return "detail";
  }
  return "";
}

AllSeries Losses(const MetricsSnapshot& now) {
  AllSeries all;
  uint64_t unknown = 0;
  for (const auto& [cause, count] : now.status.lost)
    if (FactsOfLoss(cause).cause != cause) unknown += count;
  for (const LossFacts& facts : AllLosses()) {
    const std::string cause(facts.cause);
    const auto found = now.status.lost.find(cause);
    const uint64_t count = found == now.status.lost.end() ? 0 : found->second;
    all.push_back({{WordOf(facts.kind), cause}, static_cast<double>(count)});
  }
  all.push_back({{WordOf(LossKind::kEvidence), "unknown"}, static_cast<double>(unknown)});
  return all;
}

AllSeries FilesUnread(const MetricsSnapshot& now) {
  AllSeries all;
  for (const auto& [reason, counter] :
       {std::pair("failed", "files_unread"), std::pair("dropped", "files_unread_dropped"),
        std::pair("hung", "files_unread_hung")}) {
    const auto found = now.counters.find(counter);
    if (found != now.counters.end()) all.push_back({{reason}, static_cast<double>(found->second)});
  }
  return all;
}

// A counter of MonitorStatus, by its name there.
template <size_t kSize>
struct Text {
  constexpr Text(const char (&text)[kSize]) { std::copy_n(text, kSize, value); }
  char value[kSize];
};
template <Text kName>
AllSeries OfStatus(const MetricsSnapshot& now) {
  return CounterOf(now.status.counters, kName.value);
}
template <Text kName>
AllSeries OfCounters(const MetricsSnapshot& now) {
  return CounterOf(now.counters, kName.value);
}

}  // namespace

std::vector<Metric> EvidenceMetrics() {
  return {
      {"capmon_healthy", kGauge,
       "1 if capmond counts its own checks, has room and can store, as its health service reports",
       "", 1, [](const MetricsSnapshot& now) { return One(uint64_t{now.health.serving}); }},
      {"capmon_own_check_timestamp_seconds", kGauge,
       "When capmond last counted its own check in its own cgroup", "", 1,
       [](const MetricsSnapshot& now) { return Timestamp(now.health.last_seen); }},
      {"capmon_checks_total", kCounter,
       "Capability checks counted since the start, by what each says about the capability",
       "verdict", kVerdicts.size(), Checks},
      {"capmon_containers", kGauge, "Containers, units and sessions with evidence", "kind state",
       kContainerStates, Containers},
      {"capmon_containers_evicted_total", kCounter,
       "Ended containers whose evidence was folded into their workload's or given up", "", 1,
       OfStatus<"evicted_containers">},
      {"capmon_folded_profiles", kGauge, "Profiles into which evicted containers were folded", "",
       1, OfStatus<"folded_profiles">},
      {"capmon_unnamed_cgroups", kGauge, "Cgroups with checks whose path is not known", "", 1,
       OfStatus<"unnamed_cgroups">},
      {"capmon_losses_total", kCounter, "What was lost, by kind and cause", "kind cause",
       kMostLosses, Losses},
      {"capmon_sources", kGauge, "Sources of names and of file capabilities, by state",
       "source state", kSourcesAndStates,
       [](const MetricsSnapshot& now) {
         return StatesOf(now.sources, {"cgroup", "oci", "docker", "cri", "systemd", "files"});
       }},
      {"capmon_files_read_total", kCounter, "Executed files whose capabilities were read", "", 1,
       OfCounters<"files_read">},
      {"capmon_files_unread_total", kCounter, "Executed files whose capabilities could not be read",
       "reason", 3, FilesUnread},
      {"capmon_file_readers_hanging", kGauge,
       "Processes that hang in a container's file system; at 8 no more files are read", "", 1,
       OfCounters<"file_readers_hanging">},
      {"capmon_persistence", kGauge, "Places in which evidence outlives capmond, by state",
       "place state", kPlacesAndStates,
       [](const MetricsSnapshot& now) {
         return StatesOf(now.keeps, {"store", "pins"});
       }},
      {"capmon_store_size_bytes", kGauge, "Size of the database; no series without a store", "", 1,
       [](const MetricsSnapshot& now) {
         return now.store_bytes == 0 ? AllSeries() : One(now.store_bytes);
       }},
      {"capmon_store_writes_total", kCounter, "Checkpoints written to the store", "", 1,
       [](const MetricsSnapshot& now) { return One(now.store_writes); }},
      {"capmon_store_write_errors_total", kCounter, "Checkpoints that could not be written", "", 1,
       [](const MetricsSnapshot& now) { return One(now.store_write_errors); }},
      {"capmon_store_last_write_timestamp_seconds", kGauge,
       "When a checkpoint was last written; no series before the first", "", 1,
       [](const MetricsSnapshot& now) { return Timestamp(now.store_written); }},
  };
}

}  // namespace capmon
