// SPDX-License-Identifier: Apache-2.0
// Writes profiles. Omits default values, so that files differ only where profiles differ.
#include "client/profile_file/profile_file.h"
#include "client/profile_file/summary.h"
#include "client/render/artefact/yaml.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

ordered_json ListOf(const std::set<std::string>& names) {
  ordered_json list = ordered_json::object();
  for (const std::string& name : names) list[name] = Name(Verdict::kUnknown);
  return list;
}

ordered_json MapOf(const Verdicts& verdicts) {
  ordered_json map = ordered_json::object();
  for (const auto& [name, verdict] : verdicts) map[name] = Name(verdict);
  return map;
}

ordered_json MapOf(const FindingsByName& findings) {
  ordered_json map = ordered_json::object();
  for (const auto& [name, finding] : findings) map[name] = WordFor(finding);
  return map;
}

void PutIfAny(ordered_json& into, const char* key, ordered_json value) {
  if (!value.empty()) into[key] = std::move(value);
}

ordered_json RowOf(const InstanceKey& key, const InstanceRow& row) {
  ordered_json json;
  json["id"] = key.id;
  if (!key.started.empty()) json["started"] = key.started;
  if (!row.node.empty()) json["node"] = row.node;
  json["observed"] = row.observed;
  json["state"] = row.state;
  json["starts"] = row.starts;
  if (row.lost > 0) json["lost"] = row.lost;
  if (!row.held_known) json["held_known"] = false;
  if (row.privileged) json["privileged"] = true;
  if (row.filtered) json["seccomp_filter"] = true;
  if (row.user) json["user"] = *row.user;
  if (!row.ambient.empty()) json["ambient"] = row.ambient;
  if (!row.no_new_privileges.empty()) json["no_new_privileges"] = row.no_new_privileges;
  if (!row.non_root.empty()) json["non_root"] = row.non_root;
  ordered_json surroundings = ordered_json::object();
  for (const auto& [name, value] : row.surroundings) surroundings[name] = value;
  PutIfAny(json, "surroundings", std::move(surroundings));
  PutIfAny(json, "needs", MapOf(row.needs));
  PutIfAny(json, "unknown", ListOf(row.unknown));
  PutIfAny(json, "unneeded", MapOf(row.unneeded));
  PutIfAny(json, "denied", MapOf(row.denied));
  return json;
}

ordered_json MapOf(const std::map<std::string, FiledProof>& proofs) {
  ordered_json map = ordered_json::object();
  for (const auto& [name, proof] : proofs) {
    ordered_json json;
    json["found"] = proof.found;
    json["at"] = proof.at;
    if (!proof.why.empty()) json["why"] = proof.why;
    if (!proof.check.empty()) json["check"] = proof.check;
    if (!proof.capmon.empty()) json["capmon"] = proof.capmon;
    map[name] = std::move(json);
  }
  return map;
}

ordered_json DocumentFor(const ProfileKey& key, const WorkloadProfile& profile) {
  const Summary summary = SummaryOf(profile);
  ordered_json json;
  json["version"] = kProfileFileVersion;
  json["workload"] = key.workload;
  if (!key.cluster.empty()) json["cluster"] = key.cluster;
  if (!key.image.empty()) json["image"] = key.image;
  if (!key.digest.empty()) json["digest"] = key.digest;
  json["needs"] = MapOf(summary.needs);
  json["unknown"] = MapOf(summary.unknown);
  PutIfAny(json, "proofs", MapOf(profile.proofs));
  json["instances"] = ordered_json::array();
  for (const auto& [row_key, row] : profile.rows) json["instances"].push_back(RowOf(row_key, row));
  return json;
}

}  // namespace

nlohmann::ordered_json ToJsonFile(const ProfileSet& set) {
  if (set.size() == 1) return DocumentFor(set.begin()->first, set.begin()->second);
  ordered_json all = ordered_json::array();
  for (const auto& [key, profile] : set) all.push_back(DocumentFor(key, profile));
  return all;
}

std::string ToYamlFile(const ProfileSet& set) {
  std::string text;
  for (const auto& [key, profile] : set) {
    if (!text.empty()) text += "---\n";
    text += ToYaml(DocumentFor(key, profile));
  }
  return text;
}

}  // namespace capmon
