// SPDX-License-Identifier: Apache-2.0
// How often the API refused something, by cause, for `capmon status`. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/base/synchronized.h"

namespace capmon {

class Refusals {
 public:
  // `cause` is the name of a counter: "api_refused_role".
  void Count(const char* cause) {
    counts_.With([&](std::map<std::string, uint64_t>& counts) { ++counts[cause]; });
  }
  std::map<std::string, uint64_t> counts() {
    return counts_.With([](const std::map<std::string, uint64_t>& counts) { return counts; });
  }

 private:
  Synchronized<std::map<std::string, uint64_t>> counts_;
};

}  // namespace capmon
