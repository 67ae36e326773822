// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/encode/encode_alert.h"

namespace capmon {

// One line of CEF:0. Control characters are visible ("\x1b"), only line breaks stay, as CEF escapes
// them; values are cut at the lengths that CEF gives its keys.
std::string CefLine(const FeedMessage& message, const Sensor& sensor);

}  // namespace capmon
