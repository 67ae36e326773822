// SPDX-License-Identifier: Apache-2.0
// Alerts as text, in the schemas of their receivers. Pure. Every result is one line of valid UTF-8
// without its line break, whatever bytes the alert contains: a container chooses many of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/model/alert.h"

namespace capmon {

enum class AlertFormat {
  kNative,  // JSON of our own; its schema is daemon/encode/capmon-alert.schema.json
  kOcsf,    // OCSF 1.5 Detection Finding (2004); for a posture 1.6 IAM Analysis Finding (2008)
  kEcs,     // Elastic Common Schema
  kCef,     // ArcSight's Common Event Format, without a syslog header
  kFalco,   // Falco's JSON, for falcosidekick
};

const char* Name(AlertFormat format);  // "native", "ocsf", "ecs", "cef", "falco"
std::optional<AlertFormat> ParseAlertFormat(std::string_view name);

// The sender of alerts.
struct Sensor {
  std::string version;  // capmon's
  std::string backend;  // "tp_btf"
  std::string node;     // the host's name, or --node
  std::string host_id;  // /etc/machine-id; "" not known
  std::string cluster;  // --cluster; "" not known

  friend bool operator==(const Sensor&, const Sensor&) = default;
};

// An alert with its place in one feed. Numbers begin at 1 and have no gaps, so that a receiver
// notices what it missed.
struct FeedMessage {
  std::string feed;  // the sink's name
  uint64_t sequence = 0;
  Alert alert;
};

// In bytes, of every format but kNative: a longer alert is shortened, and says so. Receivers of
// syslog cut at this length by default.
inline constexpr size_t kLongestAlert = 8192;

std::string EncodeAlert(AlertFormat format, const FeedMessage& message, const Sensor& sensor);

// Reads what kNative wrote: alerts are stored and spooled in that form. INVALID_ARGUMENT for
// anything else.
absl::StatusOr<FeedMessage> ParseNativeAlert(std::string_view line);

}  // namespace capmon
