// SPDX-License-Identifier: Apache-2.0
#include "client/run/docker_twin.h"

#include <string_view>

#include "common/json.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNoNewPrivileges = "no-new-privileges";

void Confine(Json& host, const Confinement& confinement) {
  host["CapDrop"] = {"ALL"};
  host["CapAdd"] = Json::array();
  for (const Capability c : confinement.keep.members()) host["CapAdd"].push_back(CapabilityName(c));
  host["Privileged"] = false;
  if (!confinement.no_new_privileges) return;
  Json options = Json::array();
  if (SizeAt(host, {"SecurityOpt"}) > 0)
    for (const Json& option : host["SecurityOpt"])
      if (option.is_string() && !option.get<std::string>().starts_with(kNoNewPrivileges))
        options.push_back(option);
  options.push_back(kNoNewPrivileges);
  host["SecurityOpt"] = options;
}

// Removes settings that only one container can have.
void RemoveUniqueSettings(const Json& inspected, Json& config, Json& host) {
  for (const char* key : {"PortBindings", "ContainerIDFile", "Links"}) host.erase(key);
  host["PublishAllPorts"] = false;
  host["AutoRemove"] = false;
  host["RestartPolicy"] = {{"Name", "no"}};
  config.erase("MacAddress");
  const bool borrowed_network = TextAt(host, {"NetworkMode"}).starts_with("container:");
  if (borrowed_network) config.erase("ExposedPorts");
  const std::string hostname = TextAt(config, {"Hostname"});
  const bool by_default = !hostname.empty() && TextAt(inspected, {"Id"}).starts_with(hostname);
  if (by_default || borrowed_network || TextAt(host, {"UTSMode"}) == "host") {
    config.erase("Hostname");
    config.erase("Domainname");
  }
}

std::vector<std::string> Differences(const Json& inspected) {
  const Json& host = inspected.at("HostConfig");
  std::vector<std::string> notes;
  const auto say = [&](bool so, const char* note) {
    if (so) notes.emplace_back(note);
  };
  say(SizeAt(host, {"PortBindings"}) > 0 || FlagAt(host, {"PublishAllPorts"}),
      "the twin publishes no ports; a check has to reach it from inside, or by its own address");
  say(FlagAt(host, {"Privileged"}),
      "the twin is not privileged, so it has fewer devices and a seccomp filter");
  say(SizeAt(inspected, {"Mounts"}) > 0, kSharesVolumes);
  say(SizeAt(inspected, {"NetworkSettings", "Networks"}) > 1,
      "the twin is attached to the first of the original's networks only");
  return notes;
}

}  // namespace

TwinSettings SettingsForTwin(const Json& inspected, const Confinement& confinement) {
  TwinSettings twin{inspected.at("Config"), Differences(inspected)};
  Json host = inspected.at("HostConfig");
  RemoveUniqueSettings(inspected, twin.body, host);
  Confine(host, confinement);
  // Uses the image's id: its name may mean another image by now.
  if (const std::string image = TextAt(inspected, {"Image"}); !image.empty())
    twin.body["Image"] = image;
  if (SizeAt(twin.body, {"Labels"}) == 0) twin.body["Labels"] = Json::object();
  twin.body["Labels"]["capmon.verify"] = "1";
  twin.body["HostConfig"] = std::move(host);
  return twin;
}

}  // namespace capmon
