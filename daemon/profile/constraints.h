// SPDX-License-Identifier: Apache-2.0
// Needs that never reach a capability check: the kernel compares whole sets, or remembers one.
#pragma once

#include <string>
#include <vector>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/programs.h"

namespace capmon {

struct Constraint {
  Capability capability = 0;
  std::string reason;  // a sentence
  std::string use;     // as in CapabilityVerdict::uses
};

// Every one of them; a capability may have several, of several programs. Of those with the same
// capability the last has the strongest reason.
std::vector<Constraint> ConstraintsOf(const Profile& profile, const Programs& programs);

// Why capabilities may be needed by a capset(2) whose list was not seen, as a clause: the kernel
// checks SETPCAP in every call, but only the result of the system call comes with the list. Empty
// where each program's list was seen at least once, or it requests only what it has.
std::string WhyCapsetIsUnknown(const Profile& profile, const Programs& programs);

// The executed file of that path whose own capabilities are known; null if there is none.
const ProgramFile* FileAt(const Profile& profile, const std::string& path);
// What no_new_privs kept the program of that path from gaining; null if nothing.
const PrivilegeGain* HeldBack(const Profile& profile, const std::string& path);

}  // namespace capmon
