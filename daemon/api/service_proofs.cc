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

grpc::Status Service::RecordProofs(grpc::ServerContext* call,
                                   const v1::RecordProofsRequest* request,
                                   v1::RecordProofsResponse* response) {
  auto events = ProofsIn(*request);
  if (!events.ok()) return ToGrpcStatus(events.status());
  const auto workload = FindNamedWorkload(*call, request->container());
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  const std::string by =
      CallerOf(*call, absl::StrCat(events->size(), events->size() == 1 ? " proof" : " proofs",
                                   " recorded for ", absl::CHexEscape(*workload)));
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
