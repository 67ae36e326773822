// SPDX-License-Identifier: Apache-2.0
// Alerts for tests of sinks.
#pragma once

#include <string>

#include "daemon/model/alert.h"

namespace capmon {

inline Alert NumberedAlert(int number) {
  Alert alert;
  alert.id = "finding-" + std::to_string(number % 7);
  alert.event_id = "event-" + std::to_string(number);
  alert.rule = "CM001";
  alert.severity = Severity::kHigh;
  alert.first = alert.last = 1'700'000'000'000'000'000 + number;
  alert.count = 1;
  alert.capability = 13;
  alert.container.name = "web";
  alert.message = "alert " + std::to_string(number);
  return alert;
}

}  // namespace capmon
