// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "client/profile_file/field_reader.h"
#include "client/profile_file/profile_file.h"
#include "client/profile_file/proof_reader.h"
#include "client/profile_file/row_reader.h"
#include "client/profile_file/summary.h"

namespace capmon {
namespace {

constexpr char kDeclared[] = "declared";
constexpr YamlLimits kLimits = {.bytes = 64 << 20,
                                .nodes = 4'000'000,
                                .documents = kMaxProfilesOfSet,
                                .depth = 8,
                                .aliases = false};

void ReadRows(FieldReader& fields, WorkloadProfile& profile, size_t& rows_left) {
  const YamlValue* const instances = fields.Value("instances");
  if (instances == nullptr || instances->is_null()) return;
  if (!instances->is_list()) return fields.Fail(instances->place, "instances takes a list");
  for (const YamlValue& item : instances->items) {
    auto row = ReadRow(item, fields.file());
    if (!row.ok()) return fields.Take(row.status());
    if (rows_left-- == 0)
      return fields.Fail(item.place,
                         absl::StrCat("there are more than ", kMaxRowsOfSet, " instances"));
    if (!profile.rows.emplace(std::move(row->first), std::move(row->second)).second)
      return fields.Fail(item.place, "the instance stands there twice");
  }
}

void ReadDeclared(FieldReader& fields, WorkloadProfile& profile) {
  const YamlValue& needs = fields.map().At("needs");
  if (!needs.is_map()) return;
  for (const YamlMember& member : needs.members) {
    if (!member.value.is_text() || member.value.text != kDeclared) continue;
    if (!IsCapabilityOfFile(member.key))
      return fields.Fail(member.place, absl::StrCat("there is no capability ", member.key,
                                                    "; write it like NET_RAW"));
    profile.declared.insert(member.key);
  }
}

// The summary is for readers. If only the summary was edited, a reader and a merge would see
// different profiles.
void Compare(FieldReader& fields, const char* key, const FindingsByName& computed) {
  const YamlValue* const stated = fields.Value(key);
  if (stated == nullptr) return;
  if (!stated->is_map() && !stated->is_null())
    return fields.Fail(stated->place, absl::StrCat(key,
                                                   " takes a map of capabilities, a line "
                                                   "each: CHOWN: required"));
  for (const YamlMember& member : stated->members) {
    const auto found = computed.find(member.key);
    if (found == computed.end())
      return fields.Fail(member.place,
                         absl::StrCat("the instances do not show ", member.key, " under ", key,
                                      "; for a need that they did not show write ", member.key,
                                      ": declared under needs"));
    if (!member.value.is_text() || member.value.text != WordFor(found->second))
      return fields.Fail(
          member.value.place,
          absl::StrCat(member.key, " is ", WordFor(found->second), " by the instances"));
  }
  for (const auto& [name, finding] : computed)
    if (stated->Find(name) == nullptr)
      return fields.Fail(stated->place, absl::StrCat("the instances show ", name, " under ", key,
                                                     ", and it is missing here"));
}

absl::Status ReadProfile(const YamlValue& value, const std::string& file, size_t& rows_left,
                         ProfileSet& set) {
  FieldReader fields(value, file, "the profile");
  ProfileKey key;
  WorkloadProfile profile;
  uint64_t version = 0;
  fields.Require("version");
  fields.Count("version", version);
  if (version != kProfileFileVersion)
    fields.Fail(value.At("version").place,
                absl::StrCat("this capmon reads profiles of version ", kProfileFileVersion));
  fields.Require("workload");
  fields.Text("workload", key.workload);
  fields.Text("cluster", key.cluster);
  fields.Text("image", key.image);
  fields.Text("digest", key.digest);
  ReadRows(fields, profile, rows_left);
  ReadDeclared(fields, profile);
  ReadProofs(fields, profile);
  const Summary summary = SummaryOf(profile);
  Compare(fields, "needs", summary.needs);
  Compare(fields, "unknown", summary.unknown);
  if (absl::Status status = fields.Finish(); !status.ok()) return status;
  if (!set.emplace(std::move(key), std::move(profile)).second)
    return FaultAt(file, value.place, "the file has this workload and image twice");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProfileSet> ReadProfileFile(const std::string& text, const std::string& name) {
  const YamlStream stream = ReadYaml(text, kLimits);
  if (stream.fault) return FaultAt(name, stream.fault->place, stream.fault->what);
  ProfileSet set;
  size_t rows_left = kMaxRowsOfSet;
  for (const YamlValue& document : stream.documents) {
    if (document.is_null()) continue;
    if (!document.is_list()) {
      absl::Status status = ReadProfile(document, name, rows_left, set);
      if (!status.ok()) return status;
      continue;
    }
    for (const YamlValue& item : document.items)
      if (absl::Status status = ReadProfile(item, name, rows_left, set); !status.ok())
        return status;
  }
  return set;
}

}  // namespace capmon
