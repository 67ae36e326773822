// SPDX-License-Identifier: Apache-2.0
// The log of changes: which caller changed what, and what was there before.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/api/service.h"

namespace capmon {
namespace {

std::string AtTime(TimeNs time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixNanos(time), absl::UTCTimeZone());
}

}  // namespace

std::string Service::CallerOf(grpc::ServerContext& call, const std::string& what,
                              const std::string& before) {
  const std::optional<Caller> caller = CallerOfCall(call, peers_);
  // After a disconnect, the connection's number may be that of another one.
  if (!caller || call.IsCancelled()) return "";
  context_.log(absl::StrCat(what, " by ", caller->name, ", ", caller->place,
                            before.empty() ? "" : "; before: ", before));
  return caller->name;
}

std::string Service::EvidenceBefore(const std::string& reference) {
  const auto workload = ImportedWorkload(reference);
  return context_.monitor.With([&](Monitor& monitor) {
    const auto snapshot = monitor.SnapshotOf(reference);
    const std::string name = workload.ok() ? *workload : "";
    const auto proofs = monitor.ProofsOf(name);
    return absl::StrCat(snapshot.ok() ? snapshot->evidence->checks.size() : 0, " kinds of checks, ",
                        monitor.ImportedRowsOf(name), " imported instances, ",
                        proofs == nullptr ? 0 : proofs->size(), " proofs");
  });
}

std::string Service::BaselineBefore(const std::string& reference) {
  const auto snapshot =
      context_.monitor.With([&](Monitor& monitor) { return monitor.SnapshotOf(reference); });
  if (!snapshot.ok()) return "nothing";
  const TimeNs set = snapshot->evidence->baseline;
  return set == 0 ? "none" : absl::StrCat("set at ", AtTime(set));
}

std::string Service::ApprovalBefore(const std::string& workload) {
  const auto approval =
      context_.monitor.With([&](Monitor& monitor) { return monitor.ApprovalOf(workload); });
  if (!approval) return "not approved";
  return absl::StrCat("approved by ", approval->by, " at ", AtTime(approval->at), ", ",
                      approval->uses.size(), " uses");
}

std::string Service::ProofsBefore(const std::string& workload,
                                  const std::vector<ProofRecorded>& events) {
  const auto proofs =
      context_.monitor.With([&](Monitor& monitor) { return monitor.ProofsOf(workload); });
  std::string text;
  for (const ProofRecorded& event : events) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", CapabilityName(event.capability), " ");
    if (proofs == nullptr || !proofs->contains(event.capability)) {
      absl::StrAppend(&text, "none");
    } else {
      const Proof& proof = proofs->at(event.capability);
      absl::StrAppend(&text, Name(proof.finding), " by ", proof.by);
    }
  }
  return text;
}

std::string Service::ImportsBefore(const std::vector<RowImported>& rows) {
  std::set<std::string> workloads;
  for (const RowImported& row : rows) workloads.insert(row.workload);
  size_t before = 0;
  context_.monitor.With([&](Monitor& monitor) {
    for (const std::string& workload : workloads) before += monitor.ImportedRowsOf(workload);
  });
  return absl::StrCat(before, " imported instances of ", workloads.size(),
                      workloads.size() == 1 ? " workload" : " workloads");
}

}  // namespace capmon
