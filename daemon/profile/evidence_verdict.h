// SPDX-License-Identifier: Apache-2.0
// What one piece of evidence means: gates first, then the class of its call site, the answer the
// kernel gave, and how the system call ended.
#pragma once

#include <string>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

struct Finding {
  JudgedEvidence judged;
  const CallSite* site = nullptr;  // null: not in the table, or stopped at a gate
  CapabilitySet group;             // any one of these will do; empty: only the capability itself
  bool keep = false;               // calls for the capability, or for one of the group
  bool gated = false;              // not the workload's own asking
  std::string program;             // by its path or name; "" when it has none
  bool program_known = false;      // that is the path of one program, see program_identity.h
};

inline constexpr char kProgramClass[] = "PROGRAM";  // JudgedEvidence::site_class by that table

// Whether the table of known programs may weaken a verdict. It goes by names, which a container is
// free to choose.
enum class ProgramNames { kBelieve, kIgnore };

Finding Assess(const Profile& profile, const CallSites& sites, const CheckEvidence& evidence,
               ProgramNames names = ProgramNames::kBelieve);

}  // namespace capmon
