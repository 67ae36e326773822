// SPDX-License-Identifier: Apache-2.0
// Needs that never reach a capability check: the kernel compares whole sets, or remembers one.
#pragma once

#include <map>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/programs.h"

namespace capmon {

// Each with the reason, a sentence.
std::map<Capability, std::string> ConstraintsOf(const Profile& profile, const Programs& programs);

// Why capabilities may be needed by a capset(2) whose list was not seen, as a clause: the kernel
// checks SETPCAP in every call, but only the result of the system call comes with the list. Empty
// where each program's list was seen at least once, or it requests only what it has.
std::string WhyCapsetIsUnknown(const Profile& profile, const Programs& programs);

// The executed file of that path whose own capabilities are known; null if there is none.
const ProgramFile* FileAt(const Profile& profile, const std::string& path);
// What no_new_privs kept the program of that path from gaining; null if nothing.
const PrivilegeGain* HeldBack(const Profile& profile, const std::string& path);

}  // namespace capmon
