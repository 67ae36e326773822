// SPDX-License-Identifier: Apache-2.0
#include "client/base/exit_code.h"

namespace capmon {

ExitCode ExitCodeFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled: return kExitOk;
    case absl::StatusCode::kInvalidArgument: return kExitUsage;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition: return kExitNotFound;
    case absl::StatusCode::kDataLoss: return kExitIncomplete;
    case absl::StatusCode::kPermissionDenied: return kExitPermission;
    default: return kExitUnreachable;
  }
}

}  // namespace capmon
