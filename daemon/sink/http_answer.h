// SPDX-License-Identifier: Apache-2.0
// What the answer of an HTTP receiver means for the messages of the request. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/sink/sink_settings.h"
#include "daemon/sink/transport.h"

namespace capmon {

// Returns OK for 2xx. What concerns the messages, so that sending them again is useless:
// INVALID_ARGUMENT. What a person must fix at either end: UNAUTHENTICATED, PERMISSION_DENIED,
// FAILED_PRECONDITION. All else: UNAVAILABLE.
absl::Status MeaningOf(HttpTarget::Preset preset, long code, const std::string& body);

// The same for each of `messages` in one request. If the request as a whole is refused for good,
// the result is INVALID_ARGUMENT and nothing is settled.
SendResult JudgeAnswer(HttpTarget::Preset preset, size_t messages, long code,
                       const std::string& body);

// The number with which Splunk acknowledges later.
std::optional<uint64_t> SplunkAckId(const std::string& body);
// Whether the answer to a request for that number is "true".
bool SplunkHasIndexed(const std::string& body, uint64_t id);

}  // namespace capmon
