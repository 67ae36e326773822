// SPDX-License-Identifier: Apache-2.0
// Which alerts a client asks for. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/model/alert.h"

namespace capmon {

// An alert must fit every field that is set.
struct AlertFilter {
  TimeNs since = 0;  // of its last check
  Severity at_least = Severity::kInfo;
  std::string workload;   // its name, whole parts of it, or a pattern with * and ?
  std::string rule;       // its id
  std::string container;  // its name, or the beginning of its id

  bool Fits(const Alert& alert) const;
};

// Those that fit, by the time of their last check.
std::vector<Alert> Select(const AlertFilter& filter, const std::vector<Alert>& alerts);

}  // namespace capmon
