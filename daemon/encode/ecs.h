// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/encode/alert_text.h"
#include "daemon/encode/encode_alert.h"

namespace capmon {

// A document of Elastic Common Schema 8.11, nested; what that has no field for is below "capmon".
OrderedJson EcsDocument(const FeedMessage& message, const Sensor& sensor);

}  // namespace capmon
