// SPDX-License-Identifier: Apache-2.0
// Alerts for tests of encoders, spools and stores.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/encode/encode_alert.h"

namespace capmon {

struct SampleAlert {
  std::string name;  // "packet-socket"
  FeedMessage message;
};

// Representative alerts; among them one with hostile text in every field, one with command lines at
// their limit, and one that has nothing but what every alert has.
std::vector<SampleAlert> SampleAlerts();
Sensor SampleSensor();

// Calls `change` for every text that an alert contains.
void ForEachText(Alert& alert, const std::function<void(std::string&)>& change);

// Returns what remains after an alert was encoded and parsed: bytes that are no UTF-8 are escaped,
// and an alert without a capability has no check.
Alert AsStored(Alert alert);

// Fills every field from a source of numbers, each below the given bound.
Alert MadeUpAlert(const std::function<uint64_t(uint64_t bound)>& number);

}  // namespace capmon
