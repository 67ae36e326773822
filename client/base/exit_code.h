// SPDX-License-Identifier: Apache-2.0
// How capmon ends: part of its contract, see docs/cli.md.
#pragma once

#include "absl/status/status.h"

namespace capmon {

enum ExitCode {
  kExitOk = 0,
  kExitDifference = 1,
  kExitUsage = 2,
  kExitUnreachable = 3,  // and whatever else the daemon or this machine could not do
  kExitNotFound = 4,     // or ambiguous
  kExitIncomplete = 5,
  kExitPermission = 6,
};

// DATA_LOSS means that the evidence is incomplete and was required not to be. CANCELLED means that
// the reader of the output closed it, which is no failure.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace capmon
