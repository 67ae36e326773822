// SPDX-License-Identifier: Apache-2.0
// HTTP over a unix socket, through libcurl: one answer, bounded in time and size whatever the other
// side does, or a stream of lines without an end.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct HttpRequest {
  std::string method = "GET";
  std::string target;     // path and query
  std::string json = {};  // body
};

struct HttpAnswer {
  long code = 0;  // 200, 404 ...
  std::string body;
};

struct HttpLimits {
  std::chrono::milliseconds patience{2000};  // for the whole exchange
  size_t max_bytes = 8 << 20;
};

// NOT_FOUND: no socket, or nothing listens on it. DEADLINE_EXCEEDED: no whole answer in time.
// RESOURCE_EXHAUSTED: the answer is too long. CANCELLED: `stop` was requested (noticed within a
// second). PERMISSION_DENIED, UNAVAILABLE: the rest.
absl::StatusOr<HttpAnswer> AskOverUnixSocket(const std::string& socket, const HttpRequest& request,
                                             const HttpLimits& limits, std::stop_token stop = {});

// Passes on every line of an answer with code 200 as it arrives, until the other side ends it (OK),
// `stop` is requested (CANCELLED, within a second), or something goes wrong as above.
absl::Status StreamOverUnixSocket(const std::string& socket, const std::string& target,
                                  const std::function<void(const std::string& line)>& on_line,
                                  std::stop_token stop);

inline constexpr size_t kMaxStreamedLine = 1 << 16;

}  // namespace capmon
