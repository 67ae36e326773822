// SPDX-License-Identifier: Apache-2.0
// An alert as a syslog message of RFC 5424.
#pragma once

#include <string>

#include "daemon/encode/encode_alert.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

// Returns the message without framing; `text` is its MSG part, one line of UTF-8. There is no byte
// order mark: receivers show it as part of the text.
std::string SyslogMessage(const SyslogTarget& target, const Sensor& sensor,
                          const FeedMessage& message, const std::string& text);

// RFC 5425: the length in bytes, a blank, the message.
std::string OctetCounted(const std::string& message);

}  // namespace capmon
