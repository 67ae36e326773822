// SPDX-License-Identifier: Apache-2.0
#include "tests/live/profile_json.h"

#include "tests/support/eventually.h"

namespace capmon {

using nlohmann::json;

uint64_t Number(const json& object, const std::string& field) {
  if (!object.is_object() || !object.contains(field)) return 0;
  const json& value = object.at(field);
  return value.is_string() ? std::stoull(value.get<std::string>()) : value.get<uint64_t>();
}

json Row(const json& profile, const std::string& capability) {
  if (!profile.is_object()) return nullptr;
  for (const json& row : profile.value("capabilities", json::array())) {
    if (row.value("capability", "") == capability) return row;
  }
  return nullptr;
}

std::set<std::string> Keep(const json& profile) {
  if (!profile.is_object()) return {"no profile"};
  return profile.at("recommendation").at("keep").get<std::set<std::string>>();
}

std::set<std::string> NeededByVerdict(const json& profile) {
  static const std::set<std::string> kNeeding = {"required",   "either",   "conditional",
                                                 "constraint", "degrades", "review"};
  std::set<std::string> needed;
  if (!profile.is_object()) return {"no profile"};
  for (const json& row : profile.value("capabilities", json::array())) {
    if (kNeeding.contains(row.value("verdict", ""))) needed.insert(row.value("capability", ""));
  }
  return needed;
}

bool Ended(const json& profile) {
  if (!profile.is_object()) return false;
  const json container = profile.value("container", json::object());
  return container.contains("ended") && !container.at("ended").is_null();
}

json ProfileOnce(const CapmonDaemon& daemon, const std::string& reference,
                 const std::function<bool(const json&)>& holds) {
  json profile;
  Eventually([&] {
    profile = daemon.Json({"profile", reference});
    return profile.is_object() && holds(profile);
  });
  return profile;
}

json FinalProfile(const CapmonDaemon& daemon, const std::string& reference) {
  return ProfileOnce(daemon, reference, Ended);
}

}  // namespace capmon
