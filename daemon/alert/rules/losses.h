// SPDX-License-Identifier: Apache-2.0
// What capmond itself did not see: evidence lost (CM080) and its own health (CM081).
#pragma once

#include <optional>
#include <string>

#include "daemon/model/alert.h"
#include "daemon/profile/profile.h"

namespace capmon {

// Returns nothing if the loss costs no evidence. A container without key: which one is not known.
std::optional<Alert> AlertForLoss(const Container& container, const std::string& cause,
                                  uint64_t count, TimeNs now);
Alert AlertForGap(const Gap& gap);
// `reason`: why capmond does not see, one sentence.
Alert AlertForHealth(const std::string& reason, TimeNs now);

}  // namespace capmon
