// SPDX-License-Identifier: Apache-2.0
// What is decided before anyone asks why: checks that say nothing about the workload's own needs.
// The rules are described in docs/verdicts.md.
#pragma once

#include <optional>
#include <string>

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// False for what a container's runtime does in it: its binary comes from outside the container, and
// so does its process. Anything but a container has no such phase.
bool IsWorkload(const Container& container, ExeOrigin exe_origin);

// access(2) and its like.
bool IsAccessCall(const std::string& syscall);

struct Gate {
  Verdict verdict;
  const char* reason;
};
// Nothing when the check passes all gates.
std::optional<Gate> GateOf(const Profile& profile, const CheckEvidence& evidence);

}  // namespace capmon
