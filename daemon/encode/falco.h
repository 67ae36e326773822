// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/encode/alert_text.h"
#include "daemon/encode/encode_alert.h"

namespace capmon {

// An alert of Falco, as falcosidekick accepts it. Fields that Falco has keep its names; others
// begin with "capmon.".
OrderedJson FalcoAlert(const FeedMessage& message, const Sensor& sensor);

}  // namespace capmon
