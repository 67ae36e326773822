// SPDX-License-Identifier: Apache-2.0
#include "client/commands/report_command.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/commands/profile_source.h"
#include "client/profile_file/compare.h"
#include "client/render/container_list.h"
#include "client/render/report/report.h"
#include "client/rpc/container_key.h"
#include "client/rpc/daemon.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

constexpr size_t kMaxProfiles = 2000;

// Rejects a file name that is an output format: other commands have formats after -o.
absl::Status CheckName(const std::string& output) {
  for (const char* const format : {"table", "wide", "json", "jsonl", "matrix"})
    if (output == format)
      return absl::InvalidArgumentError(
          absl::StrCat("capmon report writes a page, and -o names its file; for a file called ",
                       output, " write ./", output));
  return absl::OkStatus();
}

// Returns nothing for a workload that ended since it was listed.
absl::StatusOr<std::optional<v1::Profile>> ProfileIfThere(Daemon& daemon,
                                                          const v1::WorkloadSummary& row) {
  v1::GetProfileRequest request;
  const std::string& name = row.workload().name();
  request.set_container(name.empty() ? ReferenceTo(row.summary().container()) : name);
  request.set_without_refresh(true);  // the list was up to date
  auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
  if (profile.ok()) return std::optional(*std::move(profile));
  if (absl::IsNotFound(profile.status()) || absl::IsFailedPrecondition(profile.status()))
    return std::optional<v1::Profile>();
  return profile.status();
}

std::vector<Capability> ColumnsOf(const std::vector<ReportedWorkload>& workloads) {
  CapabilitySet occurring;
  for (const ReportedWorkload& workload : workloads)
    occurring = occurring | workload.row.held | workload.row.used | workload.row.denied;
  return ByWeight(occurring);
}

// Profiles are read of the workloads with the highest risk.
absl::Status AddProfiles(Daemon& daemon, const std::vector<const v1::WorkloadSummary*>& listed,
                         Findings& report) {
  for (size_t at = 0; at < listed.size(); ++at) {
    ReportedWorkload& added = report.workloads[at];
    if (at >= kMaxProfiles) break;
    auto profile = ProfileIfThere(daemon, *listed[at]);
    if (!profile.ok()) return profile.status();
    added.profile = *std::move(profile);
  }
  return absl::OkStatus();
}

absl::StatusOr<Findings> GatherFindings(Daemon& daemon, bool include_ended) {
  Findings report;
  report.written = std::time(nullptr);
  auto status = daemon.Call(&Daemon::Stub::GetStatus, v1::GetStatusRequest());
  if (!status.ok()) return status.status();
  report.status = *std::move(status);
  v1::ListWorkloadsRequest request;
  request.set_include_ended(include_ended);
  const auto list = daemon.Call(&Daemon::Stub::ListWorkloads, request);
  if (!list.ok()) return list.status();
  std::vector<std::pair<MatrixRow, const v1::WorkloadSummary*>> rows;
  for (const v1::WorkloadSummary& listed : list->workloads()) {
    rows.emplace_back(RowOf(listed.summary()), &listed);
    rows.back().first.name = NameOfWorkload(listed);
  }
  std::ranges::stable_sort(rows, std::ranges::greater(),
                           [](const auto& row) { return row.first.risk; });
  std::vector<const v1::WorkloadSummary*> listed;
  for (auto& [row, summary] : rows) {
    listed.push_back(summary);
    report.workloads.push_back({std::move(row), summary->workload(), std::nullopt});
  }
  report.columns = ColumnsOf(report.workloads);
  if (absl::Status added = AddProfiles(daemon, listed, report); !added.ok()) return added;
  return report;
}

ReportedChange::Kind KindOfChange(const Difference& difference) {
  switch (difference.kind) {
    case Difference::Kind::kNew: return ReportedChange::Kind::kNew;
    case Difference::Kind::kGone: return ReportedChange::Kind::kGone;
    case Difference::Kind::kChanged: break;
  }
  return ReportedChange::Kind::kChanged;
}

}  // namespace

SinceBaseline ChangesSince(const std::string& file, const ProfileSet& before,
                           const ProfileSet& now) {
  SinceBaseline since;
  since.file = file;
  for (const Comparison& one : Compare(before, now, Pairing::kByName)) {
    if (one.only_after) since.added.push_back(one.workload);
    if (one.only_before) since.gone.push_back(one.workload);
    if (one.differences.empty()) continue;
    ChangedWorkload& changed = since.changed.emplace_back();
    changed.name = one.workload;
    for (const Difference& difference : one.differences)
      changed.changes.push_back({KindOfChange(difference), difference.subject, difference.before,
                                 difference.after, difference.decides});
  }
  // Other advice before other words for the same.
  const auto decides = [](const ChangedWorkload& workload) {
    return std::ranges::any_of(workload.changes, &ReportedChange::decides);
  };
  std::ranges::stable_partition(since.changed, decides);
  return since;
}

absl::Status WriteReport(const Settings& settings, const ReportOptions& options) {
  if (absl::Status status = CheckName(options.output); !status.ok()) return status;
  absl::StatusOr<ProfileSet> before = ProfileSet();
  if (!options.baseline.empty()) before = ProfilesOfFile(options.baseline);
  if (!before.ok()) return before.status();
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  auto report = GatherFindings(*daemon, options.all);
  if (!report.ok()) return report.status();
  if (!options.baseline.empty()) {
    const auto now = ProfilesOfDaemon(settings, {}, Imported::kIncluded);
    if (!now.ok()) return now.status();
    report->since = ChangesSince(options.baseline, *before, *now);
  }
  return WriteFile(options.output, RenderReport(*std::move(report)));
}

}  // namespace capmon
