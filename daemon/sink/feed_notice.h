// SPDX-License-Identifier: Apache-2.0
// Messages about a feed itself: what it lost, and the test of a sink.
#pragma once

#include <string>

#include "daemon/model/alert.h"
#include "daemon/sink/spool.h"

namespace capmon {

// `feed` is the sink's name.
Alert LossNotice(const std::string& feed, const FeedLoss& loss, TimeNs now);
// Without an event id.
Alert TestAlert(const std::string& sink, TimeNs now);

}  // namespace capmon
