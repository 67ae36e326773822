// SPDX-License-Identifier: Apache-2.0
// User namespaces that a container made, with all capabilities in them (CM009).
#pragma once

#include <optional>
#include <string>

#include "daemon/model/alert.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Names the use, beside those of UseOf(): an exec with all capabilities in a namespace below that
// of the container, or a granted check there. Nothing for any other.
std::optional<std::string> UseOfNamespace(const Profile& profile, const ProcessExec& exec);
std::optional<std::string> UseOfNamespace(const JudgedEvidence& judged);

// Nothing without a baseline: browsers and build tools make such namespaces as a sandbox.
std::optional<Alert> AlertForNamespace(const Profile& before, const ProcessExec& exec);
std::optional<Alert> AlertForNamespace(const Profile& profile, const JudgedEvidence& judged,
                                       TimeNs now);

}  // namespace capmon
