// SPDX-License-Identifier: Apache-2.0
// The exit code of a command that either works or fails.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/exit_code.h"

namespace capmon {

inline absl::StatusOr<int> Done(const absl::Status& status) {
  if (!status.ok()) return status;
  return kExitOk;
}

}  // namespace capmon
