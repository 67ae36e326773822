// SPDX-License-Identifier: Apache-2.0
// Comparing a confined run with the one before: what was newly refused, and did the job get done.
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

// Refusals that made a system call fail in `after`, where nothing of the kind did in `before`. Both
// with evidence. Merged by capability, system call, site and binary; strongest verdict first.
std::vector<v1::Denial> NewDenials(const v1::Profile& before, const v1::Profile& after);

// Likewise for system calls that the seccomp filter lets through only with a capability; the site
// is "seccomp".
std::vector<v1::Denial> NewlyFiltered(const v1::Profile& before, const v1::Profile& after);

// What the profiles of both runs say: new denials, and a note where the second run never came to
// ask for what the first is said to need.
void Compare(const v1::Profile& before, const v1::Profile& after, v1::Verification& verification);

// Sets `verified` and `reason` from everything else.
void Conclude(v1::Verification& verification);

// Concludes and prints. The exit code.
absl::StatusOr<int> Report(v1::Verification verification, const Settings& settings);

}  // namespace capmon
