// SPDX-License-Identifier: Apache-2.0
// How the system calls behind a piece of evidence ended, as far as that says anything.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"

namespace capmon {

struct Outcome {
  bool known = false;      // at least one ended in a way that means something
  bool succeeded = false;  // at least one succeeded
  bool refused = false;    // at least one failed as this site makes calls fail
  bool question = false;   // each was a netlink request that only asks what the kernel knows
};

// `site` may be null: then EPERM and EACCES count as refusals.
Outcome OutcomeOf(const CheckEvidence& evidence, const CallSite* site);

// The names of the errors seen: "EPERM, ENOENT".
std::string ErrorNames(uint64_t errnos);

}  // namespace capmon
