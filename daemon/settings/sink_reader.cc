// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/sink_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/settings/exception_reader.h"
#include "daemon/settings/target_reader.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

using Preset = HttpTarget::Preset;
using Target = decltype(SinkSettings::target);

constexpr size_t kMostSinks = 32;
constexpr size_t kLongestName = 63;

struct SinkType {
  std::string name;
  Target (*read)(SectionReader&);
  AlertFormat format;     // the default
  bool own_form = false;  // the receiver decides the format
};

template <Preset preset>
Target ReadHttp(SectionReader& reader) {
  return ReadHttpTarget(reader, preset);
}

const std::vector<SinkType>& Types() {
  static const auto& kTypes = *new std::vector<SinkType>{
      {"file", [](SectionReader& r) -> Target { return ReadFileTarget(r); }, AlertFormat::kNative},
      {"stdout", [](SectionReader& r) -> Target { return ReadStdoutTarget(r); },
       AlertFormat::kNative},
      {"syslog", [](SectionReader& r) -> Target { return ReadSyslogTarget(r); }, AlertFormat::kCef},
      {"http", &ReadHttp<Preset::kPlain>, AlertFormat::kNative},
      {"splunk", &ReadHttp<Preset::kSplunk>, AlertFormat::kNative},
      {"elastic", &ReadHttp<Preset::kElastic>, AlertFormat::kEcs},
      {"falcosidekick", &ReadHttp<Preset::kFalcosidekick>, AlertFormat::kFalco, true},
      {"alertmanager", &ReadHttp<Preset::kAlertmanager>, AlertFormat::kNative, true},
      {"slack", &ReadHttp<Preset::kSlack>, AlertFormat::kNative, true},
      {"otlp", [](SectionReader& r) -> Target { return ReadOtlpTarget(r); }, AlertFormat::kNative},
      {"kafka", [](SectionReader& r) -> Target { return ReadKafkaTarget(r); },
       AlertFormat::kNative},
  };
  return kTypes;
}

bool IsSinkName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         absl::ascii_isalnum(static_cast<unsigned char>(name[0])) &&
         std::ranges::all_of(name, [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

// The names of AlertFormat, in its order.
const std::vector<std::string>& FormatNames() {
  static const auto& kNames =
      *new std::vector<std::string>{"native", "ocsf", "ecs", "cef", "falco"};
  return kNames;
}

void ReadFormat(SectionReader& reader, const SinkType& type, SinkSettings& sink) {
  sink.format = type.format;
  if (type.own_form) {
    reader.Reject("format", absl::StrCat("a sink of type ", type.name,
                                         " has no format: its receiver accepts only one; remove "
                                         "the line"));
    return;
  }
  if (const auto chosen = reader.Word("format", FormatNames()))
    sink.format = static_cast<AlertFormat>(*chosen);
}

void ReadSpool(SectionReader& sink, SpoolSettings& spool) {
  const YamlMember* const member = sink.Take("spool");
  if (member == nullptr) return;
  SectionReader reader(member->value, "spool", sink.context());
  reader.Size("max_bytes", 64 << 10, uint64_t{1} << 40, spool.max_bytes, "64MiB");
  int64_t messages = static_cast<int64_t>(spool.max_messages);
  if (reader.Number("max_messages", 1, 100'000'000, messages, "200000"))
    spool.max_messages = static_cast<uint64_t>(messages);
  reader.Finish();
}

void ReadCommon(SectionReader& reader, SinkSettings& sink) {
  std::vector<std::string> severities;
  for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i)
    severities.emplace_back(Name(static_cast<Severity>(i)));
  if (const auto chosen = reader.Word("at_least", severities))
    sink.at_least = static_cast<Severity>(*chosen);
  std::vector<std::string> rules;
  if (reader.Texts("rules", rules, "[CM001]")) {
    for (const std::string& rule : rules)
      if (!CheckRule(reader, "rules", rule)) break;
    sink.rules = std::move(rules);
  }
  ReadSpool(reader, sink.spool);
  int64_t queue = static_cast<int64_t>(sink.queue);
  if (reader.Number("queue", 16, 1'000'000, queue, "4096")) sink.queue = static_cast<size_t>(queue);
}

void ReadName(SectionReader& reader, SinkSettings& sink) {
  if (!reader.Require("name", "siem") || !reader.Text("name", sink.name, "siem")) return;
  if (!IsSinkName(sink.name))
    reader.Fail("name",
                absl::StrCat("a sink cannot be called ", InQuotes(sink.name), "; write at most ",
                             kLongestName, " small letters, digits, - and _, like \"name: siem\""));
}

const SinkType* ReadType(SectionReader& reader) {
  if (!reader.Require("type", "syslog")) return nullptr;
  const auto chosen = reader.Word("type", SinkTypes());
  return chosen ? &Types()[*chosen] : nullptr;
}

// The keys of a sink of unknown type cannot be checked.
std::optional<SinkSettings> ReadSink(const YamlValue& value, ReadContext context) {
  const YamlValue& name = value.At("name");
  SectionReader reader(
      value, name.is_text() && IsSinkName(name.text) ? "the sink " + name.text : "a sink", context);
  if (!value.is_map()) return std::nullopt;
  SinkSettings sink;
  ReadName(reader, sink);
  ReadCommon(reader, sink);
  const SinkType* const type = ReadType(reader);
  if (type == nullptr) return std::nullopt;
  ReadFormat(reader, *type, sink);
  sink.target = type->read(reader);
  reader.Finish();
  return sink;
}

// Every name that the sink writes to, also by rotation, belongs to no other one.
void CheckFile(const SinkSettings& sink, const YamlValue& item, ReadContext context,
               std::map<std::string, int>& files) {
  const auto* const target = std::get_if<FileTarget>(&sink.target);
  if (target == nullptr || target->path.empty()) return;
  const TextPlace place = item.Find("path") == nullptr ? item.place : item.At("path").place;
  const std::string real = context.host.real_path(target->path);
  const int rotated = target->rotate_bytes == 0 ? 0 : target->keep_rotated;
  bool reported = false;
  for (int number = 0; number <= rotated; ++number) {
    const std::string name = number == 0 ? real : absl::StrCat(real, ".", number);
    const auto [first, fresh] = files.emplace(name, place.line);
    if (fresh || std::exchange(reported, true)) continue;
    context.faults.Add(
        place,
        absl::StrCat("two sinks write to ", InQuotes(name),
                     number == 0 && name == target->path ? "" : ", by rotation or a link",
                     ", the other is in line ", first->second, "; give each a file of its own"));
  }
}

}  // namespace

const std::vector<std::string>& SinkTypes() {
  static const auto& kNames = *new auto([] {
    std::vector<std::string> names;
    for (const SinkType& type : Types()) names.push_back(type.name);
    return names;
  }());
  return kNames;
}

std::vector<SinkSettings> ReadSinks(const YamlValue& list, ReadContext context) {
  std::vector<SinkSettings> sinks;
  if (!list.is_list()) {
    context.faults.Add(list.place,
                       "sinks takes a list; write each sink like \"- name: siem\", indented");
    return sinks;
  }
  if (list.items.size() > kMostSinks) {
    context.faults.Add(list.place, absl::StrCat("there are ", list.items.size(),
                                                " sinks; write at most ", kMostSinks));
    return sinks;
  }
  std::map<std::string, int> names, files;  // by line
  for (const YamlValue& item : list.items) {
    auto sink = ReadSink(item, context);
    if (!sink) continue;
    const YamlValue& name = item.At("name");
    const auto [first, fresh] = names.emplace(sink->name, name.place.line);
    if (!sink->name.empty() && !fresh)
      context.faults.Add(name.place, absl::StrCat("two sinks are called ", InQuotes(sink->name),
                                                  ", the other is in line ", first->second,
                                                  "; give each a name of its own"));
    CheckFile(*sink, item, context, files);
    sinks.push_back(*std::move(sink));
  }
  return sinks;
}

}  // namespace capmon
