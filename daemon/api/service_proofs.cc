// SPDX-License-Identifier: Apache-2.0
// What people record of trials.
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/api/proofs.h"
#include "daemon/api/service.h"
#include "daemon/api/status.h"

namespace capmon {
namespace {

// The first container of that image, or of one that is not known; null if there is neither.
const ProfileSnapshot* OfImage(const WorkloadSnapshot& workload, const std::string& digest) {
  const ProfileSnapshot* may_be = nullptr;
  for (const WorkloadVersion& version : workload.versions)
    for (const ProfileSnapshot& instance : version.instances) {
      const std::string& known = instance.container.image_digest;
      if (known == digest) return &instance;
      if (known.empty() && may_be == nullptr) may_be = &instance;
    }
  return may_be;
}

absl::Status WrongImage(const v1::RecordProofsRequest& request) {
  constexpr size_t kMostQuoted = 80;  // of what a client wrote
  return absl::FailedPreconditionError(
      absl::StrCat("record proofs: no container of \"",
                   absl::CHexEscape(request.container().substr(0, kMostQuoted)),
                   "\" is known to have run the image ",
                   absl::CHexEscape(request.digest().substr(0, kMostQuoted))));
}

}  // namespace

absl::StatusOr<ProfileSnapshot> Service::SubjectOf(const v1::RecordProofsRequest& request) {
  return context_.monitor.With([&](Monitor& monitor) -> absl::StatusOr<ProfileSnapshot> {
    // A workload only where the reference does not mean one container.
    auto subject = monitor.WorkloadOf(request.container(), /*instance=*/true);
    if (!subject.ok()) subject = monitor.WorkloadOf(request.container(), /*instance=*/false);
    if (!subject.ok()) return subject.status();
    const ProfileSnapshot* const ran = OfImage(*subject, request.digest());
    if (ran == nullptr) return WrongImage(request);
    return *ran;
  });
}

absl::Status Service::CheckAgainstRuns(const v1::RecordProofsRequest& request,
                                       std::vector<ProofRecorded>& events) {
  const auto subject = SubjectOf(request);
  if (!subject.ok()) return subject.status();
  auto snapshots = context_.monitor.With([](Monitor& monitor) { return monitor.Snapshots(); });
  std::erase_if(snapshots, [&](const ProfileSnapshot& snapshot) {
    return snapshot.container.image_digest != request.digest();
  });
  std::vector<Profile> runs;
  for (const ProfileSnapshot& snapshot : snapshots) runs.push_back(snapshot.Joined());
  for (ProofRecorded& event : events) {
    event.conditions = ConditionsOf(subject->Joined());
    if (absl::Status status = KeepSeenUses(runs, event); !status.ok()) return status;
  }
  return absl::OkStatus();
}

grpc::Status Service::RecordProofs(grpc::ServerContext* call,
                                   const v1::RecordProofsRequest* request,
                                   v1::RecordProofsResponse* response) {
  auto events = ProofsIn(*request);
  if (!events.ok()) return ToGrpcStatus(events.status());
  const auto workload = FindNamedWorkload(*call, request->container());
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  if (absl::Status status = CheckAgainstRuns(*request, *events); !status.ok())
    return ToGrpcStatus(status);
  const std::string by =
      CallerOf(*call,
               absl::StrCat(events->size(), events->size() == 1 ? " proof" : " proofs",
                            " recorded for ", absl::CHexEscape(*workload)),
               ProofsBefore(*workload, *events));
  if (by.empty()) return Gone();
  for (ProofRecorded& event : *events) {
    event.workload = *workload;
    event.by = by;
  }
  absl::Status status = context_.submit(
      {std::make_move_iterator(events->begin()), std::make_move_iterator(events->end())});
  if (status.ok()) status = Done();
  if (!status.ok()) return ToGrpcStatus(status);
  response->set_workload(ToUtf8(*workload));
  return grpc::Status::OK;
}

}  // namespace capmon
