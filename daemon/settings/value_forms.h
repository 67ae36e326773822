// SPDX-License-Identifier: Apache-2.0
// The forms of values in a settings file. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

// In quotation marks, without control characters; a long text is cut.
std::string InQuotes(std::string_view text);

// "90s", "5m", "2h", "7d", "500ms"; a number without a unit is seconds.
std::optional<std::chrono::milliseconds> ParseTimeSpan(std::string_view text);
// "512KiB", "64MiB", "1GiB"; a number without a unit is bytes.
std::optional<uint64_t> ParseSize(std::string_view text);
// "2027-01-31", or with a time: "2027-01-31T12:00:00Z". A day ends at its midnight (UTC).
std::optional<TimeNs> ParseDate(std::string_view text);

// "90s", "5m", "365d": the largest unit that fits.
std::string TimeText(std::chrono::milliseconds time);

// "a, b or c"
std::string Alternatives(const std::vector<std::string>& words);

// The word that was probably meant; "" if none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& words);

// "host:port", "[::1]:port".
struct HostAndPort {
  std::string host;
  uint16_t port = 0;  // 0: not given
};
std::optional<HostAndPort> ParseHostAndPort(std::string_view text);

// "https://user@host:8088/path?query" in its parts; nothing unless it has the form of a URL.
struct Url {
  std::string scheme;
  std::string user;  // with a password, if there is one
  HostAndPort server;
  std::string rest;  // path and query
};
std::optional<Url> ParseUrl(std::string_view text);

}  // namespace capmon
