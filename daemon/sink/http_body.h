// SPDX-License-Identifier: Apache-2.0
// Alerts as the bodies that HTTP receivers expect. Pure.
#pragma once

#include <span>
#include <string>

#include "daemon/encode/encode_alert.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

// What a preset decides.
struct HttpPresetTraits {
  const char* path;  // of a URL without one
  const char* content_type;
  size_t max_messages;  // of one request
};
HttpPresetTraits TraitsOf(HttpTarget::Preset preset);

// `messages`: at most TraitsOf().max_messages.
std::string HttpBody(const HttpTarget& target, AlertFormat format, const Sensor& sensor,
                     std::span<const FeedMessage> messages);

}  // namespace capmon
