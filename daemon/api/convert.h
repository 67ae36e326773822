// SPDX-License-Identifier: Apache-2.0
// Converts the core's values to the API's messages. The only file that knows both.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/health.h"
#include "daemon/judge_workload.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"

namespace capmon {

v1::Container ToProto(const Container& container);
v1::ContainerSummary Summarize(const Profile& profile, const Judgement& judgement);
v1::Profile ToProto(const Profile& profile, const Judgement& judgement, bool with_evidence);
// Adds the calls that the profile's filter denied and `out` does not have yet.
void AddFilteredCalls(const Profile& profile, v1::Profile& out);
// A capability that is not in the judgement was neither held nor checked.
v1::Explanation Explain(const Profile& profile, const Judgement& judgement, Capability capability);
// The same of a workload's newest image. There is at least one instance.
struct JudgedWorkload {
  const WorkloadSnapshot& workload;
  std::vector<Profile> instances;   // of the newest image
  Judgement judgement;              // of these
  std::optional<Judgement> before;  // of the image before, if there was one
};
JudgedWorkload JudgeNewest(const WorkloadSnapshot& workload, const CallSites& sites,
                           const JudgeOptions& options, bool with_before = false);
JudgedWorkload JudgeNewest(const WorkloadSnapshot& workload, WorkloadJudge& judge,
                           bool with_before = false);
// The same of a workload of which nothing is known but what was imported.
v1::Profile ProfileOfImported(const ImportedRows& all, const std::string& workload,
                              const JudgeOptions& options);
v1::WorkloadSummary SummaryOfImported(const ImportedRows& all, const std::string& workload,
                                      const JudgeOptions& options);
// Returns the workloads that have imported rows.
std::vector<std::string> WorkloadsIn(const ImportedRows& all);
// Adds what was imported to the description of its workload.
void Describe(std::span<const ImportedEntry* const> rows, const SeenHere& seen, v1::Workload& out);
v1::WorkloadSummary Summarize(const JudgedWorkload& judged);
v1::Profile ToProto(const JudgedWorkload& judged, bool with_evidence);
v1::Explanation Explain(const JudgedWorkload& judged, Capability capability);
v1::Baseline ToProto(const std::string& workload, const std::optional<Approval>& approval,
                     const std::set<std::string>& uses);
v1::Status ToProto(const MonitorStatus& status, const std::vector<Layer>& layers,
                   const std::vector<Layer>& keeps, const HealthState& health);
v1::Event ToProto(const WatchedEvent& event, uint64_t dropped);
v1::Alert ToProto(const Alert& alert, uint64_t dropped);

}  // namespace capmon
