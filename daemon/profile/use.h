// SPDX-License-Identifier: Apache-2.0
// How a use of a capability is written, as a proof covers it: what was called, and by which
// program.
#pragma once

#include <set>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/profile/profile.h"

namespace capmon {

inline constexpr char kUnknownUse = '?';  // begins a use that is not known in full: it may be any

// In the use of what a program asks to keep by capset(2), which makes no check of it.
inline constexpr char kCapsetUse[] = "cap_capset capset";

// "inet_create socket /bin/ping". It is not known where the place or the call is empty, either.
std::string UseOfCall(const std::string& site, const std::string& syscall,
                      const std::string& program, bool program_known);
// Of a file that has it as a file capability: executed, or not executed without it.
std::string UseOfFile(const std::string& path, bool known);
// Of anything else that is known only as a sentence.
std::string UnknownUse(const std::string& what);

// Returns the uses of a capability that a container was seen to make without it: it was denied
// there. None if the container held it, or that is not known.
std::set<std::string> UsesWithout(Capability capability, const Profile& profile);

}  // namespace capmon
