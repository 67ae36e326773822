// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/syslog_message.h"

#include <unistd.h>

#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/encode/severity_scale.h"
#include "daemon/sink/timestamp.h"

namespace capmon {
namespace {

constexpr size_t kMaxHostName = 255, kMaxAppName = 48, kMaxMessageId = 32, kMaxSdName = 32;

// Printable ASCII without blanks; "-" is the empty field.
std::string Field(std::string_view text, size_t limit) {
  std::string field;
  for (const unsigned char byte : text.substr(0, limit))
    field += byte > 0x20 && byte < 0x7f ? static_cast<char>(byte) : '_';
  return field.empty() ? "-" : field;
}

std::string SdName(std::string_view text) {
  std::string name = Field(text, kMaxSdName);
  for (char& byte : name)
    if (byte == '=' || byte == ']' || byte == '"') byte = '_';
  return name;
}

void AddParameter(std::string& data, const char* name, const std::string& value) {
  if (value.empty()) return;
  absl::StrAppend(&data, " ", name, "=\"");
  for (const char byte : ToUtf8(value)) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\' || byte == ']') data += '\\';
    data += code < 0x20 || code == 0x7f ? ' ' : byte;
  }
  data += '"';
}

// What a receiver filters by without reading the message.
std::string StructuredData(const SyslogTarget& target, const FeedMessage& message) {
  const Alert& alert = message.alert;
  std::string data = absl::StrCat("[", SdName(target.structured_data_id));
  AddParameter(data, "feed", message.feed);
  AddParameter(data, "seq", absl::StrCat(message.sequence));
  AddParameter(data, "id", alert.id);
  AddParameter(data, "event", alert.event_id);
  AddParameter(data, "rule", alert.rule);
  AddParameter(data, "severity", Name(alert.severity));
  if (alert.has_capability) AddParameter(data, "capability", CapabilityName(alert.capability));
  AddParameter(data, "container", alert.container.name);
  AddParameter(data, "workload", alert.workload);
  return data + "]";
}

}  // namespace

std::string SyslogMessage(const SyslogTarget& target, const Sensor& sensor,
                          const FeedMessage& message, const std::string& text) {
  const Alert& alert = message.alert;
  const int priority = target.facility * 8 + ScaleOf(alert.severity).syslog;
  return absl::StrCat("<", priority, ">1 ", Timestamp(alert.last), " ",
                      Field(sensor.node, kMaxHostName), " ", Field(target.app_name, kMaxAppName),
                      " ", ::getpid(), " ", Field(Name(alert.kind), kMaxMessageId), " ",
                      StructuredData(target, message), " ", text);
}

std::string OctetCounted(const std::string& message) {
  return absl::StrCat(message.size(), " ", message);
}

}  // namespace capmon
