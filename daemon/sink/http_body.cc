// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/http_body.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/json.h"
#include "common/utf8.h"
#include "daemon/sink/timestamp.h"

namespace capmon {
namespace {

using Json = nlohmann::json;
using Preset = HttpTarget::Preset;

constexpr char kDefaultIndex[] = "capmon-alerts";

// A JSON format as a value, any other one as text.
Json EventOf(AlertFormat format, const FeedMessage& message, const Sensor& sensor) {
  const std::string line = EncodeAlert(format, message, sensor);
  Json event = format == AlertFormat::kCef ? Json() : ParseJson(line);
  return event.is_object() ? event : Json(line);
}

void AddText(Json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = ToUtf8(value);
}

// What search engines index and Alertmanager groups by.
Json Labels(const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  Json labels = Json::object();
  AddText(labels, "rule", alert.rule);
  AddText(labels, "severity", Name(alert.severity));
  if (alert.has_capability) AddText(labels, "capability", CapabilityName(alert.capability));
  AddText(labels, "container", alert.container.name);
  AddText(labels, "pod", alert.container.pod);
  AddText(labels, "namespace", alert.container.pod_namespace);
  AddText(labels, "workload", alert.workload);
  AddText(labels, "image", alert.container.image);
  AddText(labels, "binary", alert.binary);
  AddText(labels, "node", sensor.node);
  AddText(labels, "cluster", sensor.cluster);
  return labels;
}

std::string Splunk(const HttpTarget& target, AlertFormat format, const Sensor& sensor,
                   const FeedMessage& message) {
  const TimeNs time = message.alert.last;
  Json event = {{"source", "capmon"},
                {"sourcetype", "capmon:alert"},
                {"event", EventOf(format, message, sensor)},
                {"fields", Labels(message, sensor)}};
  AddText(event, "host", sensor.node);
  AddText(event, "index", target.index);
  event["fields"]["feed"] = ToUtf8(message.feed);
  event["fields"]["sequence"] = absl::StrCat(message.sequence);
  event["fields"]["event_id"] = ToUtf8(message.alert.event_id);
  event["time"] = absl::StrFormat("%d.%06d", time / kSecond, time % kSecond / 1000);
  return event.dump();
}

// The id makes the receiver ignore what it has already.
std::string Elastic(const HttpTarget& target, AlertFormat format, const Sensor& sensor,
                    const FeedMessage& message) {
  Json create = {{"_index", target.index.empty() ? kDefaultIndex : target.index}};
  AddText(create, "_id", message.alert.event_id);
  Json event = EventOf(format, message, sensor);
  if (!event.is_object()) event = {{"message", event}};
  if (!event.contains("@timestamp")) event["@timestamp"] = Timestamp(message.alert.last);
  return absl::StrCat(Json{{"create", create}}.dump(), "\n", event.dump(), "\n");
}

Json Alertmanager(const Sensor& sensor, const FeedMessage& message) {
  const Alert& alert = message.alert;
  Json labels = Labels(message, sensor);
  labels["alertname"] = alert.rule_name.empty() ? Name(alert.kind) : ToUtf8(alert.rule_name);
  AddText(labels, "finding", alert.id);
  Json annotations = Json::object();
  AddText(annotations, "summary", alert.message);
  AddText(annotations, "next", alert.next);
  AddText(annotations, "event_id", alert.event_id);
  annotations["count"] = absl::StrCat(alert.count);
  annotations["sequence"] = absl::StrCat(message.sequence);
  annotations["first"] = Timestamp(alert.first);
  annotations["last"] = Timestamp(alert.last);
  return {{"labels", labels}, {"annotations", annotations}, {"startsAt", Timestamp(alert.first)}};
}

// Text of a container mentions no person and no channel, and is no markup.
std::string ForChat(const std::string& text) {
  return absl::StrReplaceAll(ToUtf8(text), {{"&", "&amp;"},
                                            {"<", "&lt;"},
                                            {">", "&gt;"},
                                            {"@", "@\u200b"},
                                            {"`", "'"},
                                            {"\n", " "},
                                            {"\r", " "}});
}

std::string Slack(const Sensor& sensor, const FeedMessage& message) {
  const Alert& alert = message.alert;
  std::string text = absl::StrCat("*", Name(alert.severity), "* ", ForChat(alert.message));
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, "\n", name, ": ", ForChat(value));
  };
  add("workload", alert.workload);
  add("container", alert.container.name);
  add("node", sensor.node);
  add("rule", alert.rule);
  if (!alert.next.empty()) absl::StrAppend(&text, "\n`", ForChat(alert.next), "`");
  return Json{{"text", text}}.dump();
}

std::string OneMessage(const HttpTarget& target, AlertFormat format, const Sensor& sensor,
                       const FeedMessage& message) {
  switch (target.preset) {
    case Preset::kSplunk: return Splunk(target, format, sensor, message);
    case Preset::kElastic: return Elastic(target, format, sensor, message);
    // falcosidekick reads nothing else.
    case Preset::kFalcosidekick: return EncodeAlert(AlertFormat::kFalco, message, sensor);
    case Preset::kSlack: return Slack(sensor, message);
    case Preset::kAlertmanager: return Alertmanager(sensor, message).dump();
    case Preset::kPlain: break;
  }
  return EncodeAlert(format, message, sensor);
}

}  // namespace

HttpPresetTraits TraitsOf(Preset preset) {
  static constexpr char kJson[] = "application/json";
  switch (preset) {
    case Preset::kSplunk: return {"/services/collector/event", kJson, 100};
    case Preset::kElastic: return {"/_bulk", "application/x-ndjson", 100};
    case Preset::kAlertmanager: return {"/api/v2/alerts", kJson, 50};
    case Preset::kFalcosidekick:
    case Preset::kSlack:
    case Preset::kPlain: break;
  }
  return {"/", kJson, 1};
}

std::string HttpBody(const HttpTarget& target, AlertFormat format, const Sensor& sensor,
                     std::span<const FeedMessage> messages) {
  const bool list = target.preset == Preset::kAlertmanager;
  std::string body = list ? "[" : "";
  for (const FeedMessage& message : messages) {
    if (list && &message != &messages.front()) body += ',';
    body += OneMessage(target, format, sensor, message);
  }
  return list ? body + "]" : body;
}

}  // namespace capmon
