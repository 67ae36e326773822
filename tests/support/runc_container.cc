// SPDX-License-Identifier: Apache-2.0
#include "tests/support/runc_container.h"

#include <nlohmann/json.hpp>
#include <random>
#include <utility>

namespace capmon {
namespace {

using nlohmann::json;

json Configuration(const ContainerSpec& spec, const std::string& id) {
  json namespaces = json::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount"}) {
    if (spec.host_network && type == std::string("network")) continue;
    namespaces.push_back({{"type", type}});
  }
  const json capabilities = {{"bounding", spec.capabilities},
                             {"permitted", spec.capabilities},
                             {"effective", spec.capabilities}};
  if (spec.first_id != 0) namespaces.push_back({{"type", "user"}});
  const json ids = {{{"containerID", 0}, {"hostID", spec.first_id}, {"size", 65536}}};
  json linux = {{"cgroupsPath", spec.cgroup.empty() ? "/docker/" + id : spec.cgroup},
                {"namespaces", namespaces}};
  if (spec.fuse) {
    linux["devices"] = {{{"path", "/dev/fuse"}, {"type", "c"}, {"major", 10}, {"minor", 229}}};
    linux["resources"]["devices"] = {
        {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "rwm"}}};
  }
  if (spec.first_id != 0) linux["uidMappings"] = linux["gidMappings"] = ids;
  return {{"ociVersion", "1.0.2"},
          {"hostname", "test"},
          {"root", {{"path", spec.rootfs}}},
          {"process",
           {{"user", {{"uid", spec.uid}, {"gid", spec.uid}}},
            {"noNewPrivileges", spec.no_new_privs},
            {"cwd", "/"},
            {"env", {"PATH=/bin"}},
            {"args", spec.command},
            {"capabilities", capabilities}}},
          {"mounts",
           {{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}},
            {{"destination", "/dev"}, {"type", "tmpfs"}, {"source", "tmpfs"}}}},
          {"linux", linux}};
}

}  // namespace

std::string RandomContainerId() {
  std::random_device random;
  std::uniform_int_distribution<int> digit(0, 15);
  std::string id;
  for (int i = 0; i < 64; ++i) id += "0123456789abcdef"[digit(random)];
  return id;
}

bool WriteBundle(const ContainerSpec& spec, const std::string& id, const std::string& directory) {
  return WriteFile(directory + "/config.json", Configuration(spec, id).dump());
}

absl::StatusOr<RuncContainer> RuncContainer::Start(const ContainerSpec& spec) {
  auto directory = std::make_unique<TempDir>();
  const std::string id = RandomContainerId();
  if (!WriteBundle(spec, id, directory->path())) {
    return absl::InternalError("write config.json into " + directory->path());
  }
  const std::string state = spec.state.empty() ? *directory / "state" : spec.state;
  auto process =
      ChildProcess::Start({"runc", "--root", state, "run", "--bundle", directory->path(), id});
  if (!process.ok()) return process.status();
  return RuncContainer(id, state, std::move(directory), *std::move(process));
}

RuncContainer::~RuncContainer() {
  if (directory_ == nullptr || !process_.Running()) return;
  RunProgram({"runc", "--root", state_, "delete", "--force", id_});
  process_.CloseInput();
  if (!process_.Wait(std::chrono::seconds(10)).ok()) process_.Signal(9);
}

}  // namespace capmon
