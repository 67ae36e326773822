// SPDX-License-Identifier: Apache-2.0
#include "client/run/twin_isolation.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/json.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr char kWorkloadLabel[] = "capmon.workload";
constexpr std::string_view kOthersLabels[] = {"com.docker.compose.", "com.docker.swarm.",
                                              "com.docker.stack.", "io.kubernetes.",
                                              "io.podman.compose."};

// "data:/srv:z" -> "data:/srv:ro,z,nocopy". Two colons at most: Docker allows none in paths.
// Without nocopy it writes what the image has there into an empty volume, although that is
// read-only.
std::string ReadOnlyBind(const std::string& bind) {
  std::vector<std::string> parts = absl::StrSplit(bind, ':');
  if (parts.size() < 2) return bind;
  std::vector<std::string> options = {"ro"};
  if (parts.size() > 2)
    for (const auto option : absl::StrSplit(parts[2], ',', absl::SkipEmpty()))
      if (option != "rw" && option != "ro" && option != "nocopy") options.emplace_back(option);
  if (!parts[0].starts_with("/")) options.emplace_back("nocopy");
  return absl::StrCat(parts[0], ":", parts[1], ":", absl::StrJoin(options, ","));
}

// "other" and "other:rw" -> "other:ro"
std::string ReadOnlyFrom(const std::string& from) { return from.substr(0, from.find(':')) + ":ro"; }

void ChangeEach(Json& host, const char* key, std::string (*change)(const std::string&)) {
  if (SizeAt(host, {key}) == 0 || !host[key].is_array()) return;
  for (Json& text : host[key])
    if (text.is_string()) text = change(text.get<std::string>());
}

void MakeVolumesReadOnly(Json& host) {
  ChangeEach(host, "Binds", ReadOnlyBind);
  ChangeEach(host, "VolumesFrom", ReadOnlyFrom);
  if (SizeAt(host, {"Mounts"}) == 0 || !host["Mounts"].is_array()) return;
  for (Json& mount : host["Mounts"])
    if (mount.is_object() && TextAt(mount, {"Type"}) != "tmpfs") {
      mount["ReadOnly"] = true;
      if (TextAt(mount, {"Type"}) == "volume") mount["VolumeOptions"]["NoCopy"] = true;
    }
}

bool HasVolumes(const Json& host) {
  return SizeAt(host, {"Binds"}) > 0 || SizeAt(host, {"VolumesFrom"}) > 0 ||
         SizeAt(host, {"Mounts"}) > 0;
}

// A network of its own has other settings by default, some of which make capabilities unneeded.
void OwnNetwork(const std::map<std::string, std::string>& surroundings, Json& host) {
  host["NetworkMode"] = "none";
  if (SizeAt(host, {"Sysctls"}) == 0) host["Sysctls"] = Json::object();
  const auto setting = [&](const char* name, const char* otherwise) {
    const auto seen = surroundings.find(name);
    host["Sysctls"][name] = seen == surroundings.end() ? otherwise : seen->second;
  };
  setting("net.ipv4.ip_unprivileged_port_start", "1024");
  setting("net.ipv4.ping_group_range", "1 0");
}

void ReplaceLabels(const std::string& owner, Json& body) {
  Json kept = Json::object();
  if (SizeAt(body, {"Labels"}) > 0 && body["Labels"].is_object())
    for (const auto& [name, value] : body["Labels"].items()) {
      bool of_others = false;
      for (const std::string_view prefix : kOthersLabels) of_others |= name.starts_with(prefix);
      if (!of_others) kept[name] = value;
    }
  kept[kWorkloadLabel] = "capmon-minimize";
  kept[kTwinOwnerLabel] = owner;
  body["Labels"] = std::move(kept);
}

}  // namespace

void Isolate(const Json& inspected, const Isolation& isolation, TwinSettings& twin) {
  Json& host = twin.body["HostConfig"];
  ReplaceLabels(isolation.owner, twin.body);
  std::erase_if(twin.notes, [](const std::string& note) { return note == kSharesVolumes; });
  if (isolation.copy_volumes) {
    twin.notes.emplace_back(
        "each twin has copies of the original's volumes and bind mounts (--copy-volumes), made "
        "while "
        "that runs: what it has not written by then is not in them");
  } else if (HasVolumes(host)) {
    if (!isolation.share_volumes) MakeVolumesReadOnly(host);
    twin.notes.emplace_back(
        isolation.share_volumes
            ? "the twins write to the original's volumes and bind mounts (--share-volumes)"
            : "the twins have the original's volumes and bind mounts read-only; --copy-volumes "
              "gives "
              "each a copy, --share-volumes lets them write");
  }
  const std::string network = TextAt(inspected, {"HostConfig", "NetworkMode"});
  if (network != "host" && !network.starts_with("container:")) return;
  OwnNetwork(isolation.surroundings, host);
  twin.body.erase("ExposedPorts");
  twin.notes.emplace_back(
      "the twins have a network of their own without interfaces, where the original shares one: "
      "its ports are in use");
}

bool SharesTheMachine(const Json& inspected) {
  for (const char* mode : {"UTSMode", "IpcMode", "PidMode", "UsernsMode"}) {
    const std::string shared = TextAt(inspected, {"HostConfig", mode});
    if (shared == "host" || shared.starts_with("container:")) return true;
  }
  return SizeAt(inspected, {"HostConfig", "Devices"}) > 0 ||
         FlagAt(inspected, {"HostConfig", "Privileged"});
}

}  // namespace capmon
