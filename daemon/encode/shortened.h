// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/encode/encode_alert.h"

namespace capmon {

// Steps of shortening an alert for receivers that cut long lines (rsyslog at 8 KiB, by default): no
// labels; then texts of at most 1024 bytes, 256, and so on. Each names in Alert::unread what it
// left out. Step 0 changes nothing.
inline constexpr int kShorteningSteps = 5;
FeedMessage Shortened(FeedMessage message, int step);

}  // namespace capmon
