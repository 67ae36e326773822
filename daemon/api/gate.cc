// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/gate.h"

#include "absl/strings/str_cat.h"
#include "daemon/api/status.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr int64_t kLogPause = 1'000'000'000;

}  // namespace

grpc::Status ApiGate::Refusal(const char* name, Context& call) {
  if (call.IsCancelled()) return grpc::Status::CANCELLED;
  const CallRule* const rule = FindCallRule(name);
  const auto caller = CallerOfCall(call, calls_.peers());
  if (rule == nullptr || !caller)
    return {grpc::StatusCode::PERMISSION_DENIED, "capmond cannot see who makes this call"};
  const absl::Status admitted = calls_.Admit(*rule, *caller, SteadyClock());
  // A client can be refused more often than a log can take; all are counted.
  const int64_t now = SteadyClock();
  if (absl::IsPermissionDenied(admitted) && now - logged_.load() >= kLogPause) {
    logged_ = now;
    log_(absl::StrCat("refused: ", name, " by ", caller->name, ", ", caller->place, ", ",
                      RoleName(caller->role)));
  }
  return ToGrpcStatus(admitted);
}

}  // namespace capmon
