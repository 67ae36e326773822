// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.0 exchange over a unix socket, bounded in time and size whatever the other side does.
// Enough for container engines, and keeps libcurl out of the client.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace capmon {

struct HttpCall {
  std::string method = "GET";
  std::string target;  // path and query
  std::string json;    // body; empty: none
};

struct HttpReply {
  int code = 0;
  std::string body;
};

// PERMISSION_DENIED: we may not use the socket. DEADLINE_EXCEEDED: nothing moved for `patience`.
// RESOURCE_EXHAUSTED: the answer is too long. UNAVAILABLE: the rest.
absl::StatusOr<HttpReply> Exchange(const std::string& socket, const HttpCall& call,
                                   std::chrono::seconds patience);

// From a whole answer; nothing when it is none.
std::optional<HttpReply> ParseReply(std::string_view answer);

}  // namespace capmon
