// SPDX-License-Identifier: Apache-2.0
// Reads CEF as a receiver does: header fields end at "|", keys at "=", and a value at the last
// blank before the next key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

struct CefMessage {
  std::vector<std::string> header;  // version, vendor, product, its version, id, name, severity
  std::map<std::string, std::string> extension;
};

// Nothing for a line that is not well-formed: an unknown escape, a key twice, a raw control
// character.
std::optional<CefMessage> ReadCef(std::string_view line);

}  // namespace capmon
