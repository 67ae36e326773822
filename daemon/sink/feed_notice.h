// SPDX-License-Identifier: Apache-2.0
// The message in a feed about what the feed lost.
#pragma once

#include "daemon/model/alert.h"
#include "daemon/sink/spool.h"

namespace capmon {

// `feed` is the sink's name.
Alert LossNotice(const std::string& feed, const FeedLoss& loss, TimeNs now);

}  // namespace capmon
