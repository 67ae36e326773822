// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/encode/alert_text.h"
#include "daemon/encode/encode_alert.h"

namespace capmon {

// An event of OCSF 1.5.0: Detection Finding, with the profiles container, host and
// security_control.
OrderedJson OcsfFinding(const FeedMessage& message, const Sensor& sensor);

// An event of OCSF 1.6.0, the first version that has the class: IAM Analysis Finding, for what a
// container holds and does not need.
OrderedJson OcsfPosture(const FeedMessage& message, const Sensor& sensor);

}  // namespace capmon
