// SPDX-License-Identifier: Apache-2.0
// What a container holds and does not need (CM082).
#pragma once

#include <optional>

#include "daemon/model/alert.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Nothing while the profile is learning, and if everything held is needed or may be.
std::optional<Alert> AlertForPosture(const Profile& profile, const Judgement& judgement,
                                     TimeNs now);

}  // namespace capmon
