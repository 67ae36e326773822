// SPDX-License-Identifier: Apache-2.0
#include "client/run/oci_bundle.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/json.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

std::string Absolute(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : absl::StrCat(directory, "/", path);
}

bool IsListOfNames(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& name) { return name.is_string(); });
}

// Returns the names in a list of the original that stay, and those that it never had: they take
// the place of others, and go where those went.
Json Confined(const Json& names, CapabilitySet keep, CapabilitySet added) {
  Json confined = Json::array();
  if (names.empty()) return confined;
  for (const Json& name : names) {
    const auto capability = ParseCapability(name.get<std::string>());
    if (capability && keep.Has(*capability)) confined.push_back(name);
  }
  for (const Capability c : added.members()) confined.push_back(CapabilityName(c));
  return confined;
}

void ConfineProcess(Json& process, const Confinement& set) {
  if (set.no_new_privileges) process["noNewPrivileges"] = true;
  Json& lists = process["capabilities"];
  if (!lists.is_object()) lists = Json::object();
  CapabilitySet had;
  for (const Json& names : lists)
    if (IsListOfNames(names))
      for (const Json& name : names)
        if (const auto capability = ParseCapability(name.get<std::string>())) had.Add(*capability);
  for (Json& names : lists)
    if (IsListOfNames(names)) names = Confined(names, set.keep, set.keep - had);
}

bool IsBind(const Json& mount) {
  if (TextAt(mount, {"type"}) == "bind") return true;
  const Json* const options = At(mount, {"options"});
  return options != nullptr && options->is_array() &&
         std::any_of(options->begin(), options->end(),
                     [](const Json& option) { return option == "bind" || option == "rbind"; });
}

void MakeReadOnly(Json& mount) {
  Json options = Json::array();
  if (const Json* const before = At(mount, {"options"}); before != nullptr && before->is_array())
    for (const Json& option : *before)
      if (option != "rw" && option != "ro") options.push_back(option);
  options.push_back("ro");
  mount["options"] = std::move(options);
}

// Returns whether there are bind mounts.
bool ChangeMounts(Json& config, const BundleTwin& twin) {
  Json* const mounts = config.contains("mounts") ? &config["mounts"] : nullptr;
  if (mounts == nullptr || !mounts->is_array()) return false;
  bool found = false;
  for (Json& mount : *mounts) {
    if (!mount.is_object() || !IsBind(mount)) continue;
    found = true;
    mount["source"] = Absolute(twin.bundle, TextAt(mount, {"source"}));
    if (!twin.share_volumes) MakeReadOnly(mount);
  }
  return found;
}

// A network that no path names and that is not the host's is made for each run.
bool HasOwnNetwork(const Json& config) {
  const Json* const namespaces = At(config, {"linux", "namespaces"});
  if (namespaces == nullptr || !namespaces->is_array()) return false;
  return std::any_of(namespaces->begin(), namespaces->end(), [](const Json& one) {
    return TextAt(one, {"type"}) == "network" && TextAt(one, {"path"}).empty();
  });
}

}  // namespace

absl::StatusOr<BundleConfig> ConfigOfTwin(const Json& original, const BundleTwin& twin) {
  const Json* const process = At(original, {"process"});
  const std::string root = TextAt(original, {"root", "path"});
  if (process == nullptr || !process->is_object() || root.empty())
    return absl::InvalidArgumentError(absl::StrCat(
        twin.bundle, "/config.json has no process or no root, so it is no container's"));
  BundleConfig made{original, Absolute(twin.bundle, root), {}};
  Json& config = made.config;
  config["root"]["path"] = twin.root;
  if (twin.set) ConfineProcess(config["process"], *twin.set);
  if (!config.contains("linux") || !config["linux"].is_object()) config["linux"] = Json::object();
  config["linux"]["cgroupsPath"] = twin.cgroup;
  if (FlagAt(original, {"process", "terminal"})) {
    config["process"]["terminal"] = false;
    config["process"].erase("consoleSize");
    made.notes.emplace_back("the runs have no terminal");
  }
  if (ChangeMounts(config, twin))
    made.notes.emplace_back(
        twin.share_volumes
            ? "the runs write to the bundle's bind mounts (--share-volumes)"
            : "the runs have the bundle's bind mounts read-only; --share-volumes lets them write");
  if (!HasOwnNetwork(original))
    made.notes.emplace_back(
        "the runs share a network with others, as the bundle says, so its ports have to be free");
  return made;
}

}  // namespace capmon
