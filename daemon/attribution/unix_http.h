// SPDX-License-Identifier: Apache-2.0
// One HTTP GET over a unix socket, bounded in time and size whatever the other side does.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct HttpAnswer {
  long code = 0;  // 200, 404 ...
  std::string body;
};

struct HttpLimits {
  std::chrono::milliseconds patience{2000};  // for the whole exchange
  size_t max_bytes = 8 << 20;
};

// `target` is path and query. NOT_FOUND: no socket, or nobody listens on it. DEADLINE_EXCEEDED: no
// whole answer in time. RESOURCE_EXHAUSTED: the answer is too long. CANCELLED: `stop` was asked
// for (noticed within a second). PERMISSION_DENIED, UNAVAILABLE: the rest.
absl::StatusOr<HttpAnswer> GetOverUnixSocket(const std::string& socket, const std::string& target,
                                             const HttpLimits& limits, std::stop_token stop);

}  // namespace capmon
