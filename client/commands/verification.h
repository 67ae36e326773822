// SPDX-License-Identifier: Apache-2.0
// Compares a confined run with the one before: what was newly denied, and whether the job was done.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "daemon/model/capability.h"

namespace capmon {

// "CHOWN,cap_net_raw"; "none" and "" are the empty set.
absl::StatusOr<CapabilitySet> ParseCapabilityList(const std::string& text);
bool SafeWithoutNewPrivileges(const v1::Profile& profile);

// Returns denials that made a system call fail in `after`, where none of the same kind did in
// `before`. Both need their evidence. Merged by capability, system call, site and binary; strongest
// verdict first.
std::vector<v1::Denial> NewDenials(const v1::Profile& before, const v1::Profile& after);

// Returns the same for system calls that the seccomp filter allows only with a capability; their
// site is "seccomp".
std::vector<v1::Denial> NewlyFiltered(const v1::Profile& before, const v1::Profile& after);

// "CAP_NET_RAW was denied to socket(2) (EPERM) in /usr/bin/ping"
std::string Sentence(const v1::Denial& denial);
// Returns what is wrong with the end of the confined run, or "".
std::string ExitComplaint(const v1::Verification& verification);

// Adds the new denials, and a note about each capability that the first run needed and the second
// run never checked.
void Compare(const v1::Profile& before, const v1::Profile& after, v1::Verification& verification);

// Sets `verified` and `reason` from everything else.
void Conclude(v1::Verification& verification);

// Concludes, prints, and returns the exit code.
absl::StatusOr<int> Report(v1::Verification verification, const Settings& settings);

}  // namespace capmon
