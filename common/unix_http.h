// SPDX-License-Identifier: Apache-2.0
// HTTP over a Unix socket, through libcurl: one answer, bounded in time and size, or an endless
// stream of lines.
#pragma once

#include <sys/types.h>

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
  // The user at the other end, which listens there; user 65534 if the kernel does not say.
  uid_t peer = 65534;
};

struct HttpLimits {
  std::chrono::milliseconds patience{2000};  // for the whole exchange
  size_t max_bytes = 8 << 20;
};

// NOT_FOUND: no socket, or no listener. DEADLINE_EXCEEDED: no complete answer in time.
// RESOURCE_EXHAUSTED: the answer is too long. CANCELLED: `stop` was requested (noticed within a
// second). PERMISSION_DENIED, UNAVAILABLE: other errors.
absl::StatusOr<HttpAnswer> AskOverUnixSocket(const std::string& socket, const HttpRequest& request,
                                             const HttpLimits& limits, std::stop_token stop = {});

// Passes on each line of an answer with code 200, until the other side ends it (OK), `stop` is
// requested (CANCELLED, within a second), or an error as above occurs.
absl::Status StreamOverUnixSocket(const std::string& socket, const std::string& target,
                                  const std::function<void(const std::string& line)>& on_line,
                                  std::stop_token stop);

inline constexpr size_t kMaxStreamedLine = 1 << 16;

}  // namespace capmon
