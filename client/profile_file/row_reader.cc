// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/row_reader.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "absl/strings/str_cat.h"
#include "client/profile_file/field_reader.h"

namespace capmon {
namespace {

const std::set<std::string> kAdvice = {"safe", "unsafe", "unknown"};
const std::set<std::string> kStates = {"learning", "stable"};

void ReadTime(FieldReader& fields, std::string& into) {
  fields.Text("started", into);
  if (!into.empty() && !IsTimeOfFile(into))
    fields.Fail(fields.map().At("started").place,
                "started takes a time in UTC, like 2026-01-31T12:00:00Z");
}

void ReadUser(FieldReader& fields, std::optional<uint32_t>& into) {
  uint64_t user = std::numeric_limits<uint64_t>::max();
  fields.Count("user", user);
  if (user == std::numeric_limits<uint64_t>::max()) return;
  if (user > std::numeric_limits<uint32_t>::max())
    return fields.Fail(fields.map().At("user").place, "user takes a number of 32 bits");
  into = static_cast<uint32_t>(user);
}

void ReadAmbient(FieldReader& fields, std::set<std::string>& into) {
  const YamlValue* const value = fields.Value("ambient");
  if (value == nullptr || value->is_null()) return;
  if (!value->is_list())
    return fields.Fail(value->place, "ambient takes a list of capabilities: [NET_RAW]");
  for (const YamlValue& item : value->items)
    if (!item.is_text() || !IsCapabilityOfFile(item.text) || !into.insert(item.text).second)
      return fields.Fail(item.place, "ambient takes capabilities, each once, like NET_RAW");
}

void ReadCapabilities(FieldReader& fields, InstanceRow& row) {
  Verdicts unknown;
  fields.Capabilities("needs", IsNeedOfFile, "a verdict that means a need, like required",
                      row.needs);
  fields.Capabilities(
      "unknown", [](Verdict verdict) { return verdict == Verdict::kUnknown; }, "unknown", unknown);
  fields.Capabilities("unneeded", IsNoNeedOfFile, "a verdict that means no need, like unused",
                      row.unneeded);
  fields.Capabilities(
      "denied", [](Verdict verdict) { return verdict == Verdict::kMissing; }, "missing",
      row.denied);
  for (const auto& [name, verdict] : unknown) row.unknown.insert(name);
  std::set<std::string> seen;
  for (const char* key : {"needs", "unknown", "unneeded", "denied"})
    for (const YamlMember& member : fields.map().At(key).members)
      if (!seen.insert(member.key).second)
        fields.Fail(member.place, absl::StrCat(member.key, " stands there twice"));
}

}  // namespace

bool IsTimeOfFile(const std::string& text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](unsigned char c, char form) {
           return form == 'd' ? std::isdigit(c) != 0 : c == static_cast<unsigned char>(form);
         });
}

bool IsNeedOfFile(Verdict verdict) {
  return verdict != Verdict::kMissing && TraitsOf(verdict).is_need;
}

// A row may call a verdict that degrades unneeded, as with --strict-minimal.
bool IsNoNeedOfFile(Verdict verdict) {
  return verdict != Verdict::kMissing && verdict != Verdict::kRequired &&
         verdict != Verdict::kUnknown;
}

absl::StatusOr<std::pair<InstanceKey, InstanceRow>> ReadRow(const YamlValue& value,
                                                            const std::string& file) {
  FieldReader fields(value, file, "the instance");
  InstanceKey key;
  InstanceRow row;
  uint64_t observed = 0;
  fields.Require("id");
  fields.Text("id", key.id);
  ReadTime(fields, key.started);
  fields.Text("node", row.node);
  fields.Count("observed", observed);
  row.observed = static_cast<int64_t>(observed);
  fields.Require("state");
  fields.Choice("state", kStates, row.state);
  fields.Count("starts", row.starts);
  fields.Count("lost", row.lost);
  fields.Flag("held_known", row.held_known);
  fields.Flag("privileged", row.privileged);
  fields.Flag("seccomp_filter", row.filtered);
  ReadUser(fields, row.user);
  ReadAmbient(fields, row.ambient);
  fields.Choice("no_new_privileges", kAdvice, row.no_new_privileges);
  fields.Choice("non_root", kAdvice, row.non_root);
  fields.Texts("surroundings", row.surroundings);
  ReadCapabilities(fields, row);
  if (absl::Status status = fields.Finish(); !status.ok()) return status;
  return std::pair(std::move(key), std::move(row));
}

}  // namespace capmon
