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
  // With a 0 for each cause that did not occur.
  std::map<std::string, uint64_t> all() {
    std::map<std::string, uint64_t> all = counts();
    for (const char* const cause : kCauses) all.try_emplace(cause, 0);
    return all;
  }
  static constexpr const char* kCauses[] = {
      "api_refused_role",        "api_refused_rate",   "api_refused_calls",
      "api_refused_connections", "api_closed_silent",  "api_closed_garbage",
      "api_closed_slow",         "api_cancelled_slow", "api_refused_descriptors"};

 private:
  Synchronized<std::map<std::string, uint64_t>> counts_;
};

}  // namespace capmon
