// SPDX-License-Identifier: Apache-2.0
// The words of a verdict: what was called, by which program, to do what.
#pragma once

#include <string>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"

namespace capmon {

inline constexpr char kSomeProcess[] = "a process";

// "/usr/bin/ping", "ping", or kSomeProcess.
std::string ProgramOf(const Profile& profile, const CheckEvidence& evidence);

// "socket(2) by /usr/bin/ping, to open a raw or packet socket". `site` may be null.
std::string Describe(const Profile& profile, const CheckEvidence& evidence, const CallSite* site);

}  // namespace capmon
