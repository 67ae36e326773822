// SPDX-License-Identifier: Apache-2.0
// Counts the calls of the API by method and code.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "daemon/base/synchronized.h"

namespace capmon {

// Any thread. Names of methods are those of capmon's service, or "other": what clients write never
// becomes a name.
class CallCounts {
 public:
  using ByMethodAndCode = std::map<std::pair<std::string, std::string>, uint64_t>;

  CallCounts();
  // `method`: "/capmon.v1.Capmon/GetStatus".
  void Began() { ++in_flight_; }
  void Ended(const std::string& method, int code);
  // With a 0 for each method that was not called.
  ByMethodAndCode finished() const;
  uint64_t in_flight() const { return in_flight_; }

 private:
  mutable Synchronized<ByMethodAndCode> finished_;
  std::atomic<uint64_t> in_flight_ = 0;
};

}  // namespace capmon
