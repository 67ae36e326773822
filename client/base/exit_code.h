// SPDX-License-Identifier: Apache-2.0
// The exit codes of capmon; docs/cli.md documents them.
#pragma once

#include "absl/status/status.h"

namespace capmon {

enum ExitCode {
  kExitOk = 0,
  kExitDifference = 1,
  kExitUsage = 2,
  kExitUnreachable = 3,  // and every other failure of the daemon or this machine
  kExitNotFound = 4,     // or the name is ambiguous
  kExitIncomplete = 5,
  kExitPermission = 6,
};

// Returns the exit code for an error. DATA_LOSS: the evidence is incomplete, and complete evidence
// was required. CANCELLED: the reader of the output closed it, which is no failure.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace capmon
