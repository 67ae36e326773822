// SPDX-License-Identifier: Apache-2.0
#include "daemon/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/cri.h"
#include "daemon/attribution/docker.h"
#include "daemon/attribution/oci.h"
#include "daemon/attribution/state_files.h"
#include "daemon/attribution/systemd_units.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr TimeNs kBetweenLooks = kSecond;

constexpr char kNoSource[] = "none";

std::vector<std::string> WithoutNone(std::vector<std::string> paths) {
  std::erase(paths, kNoSource);
  return paths;
}

// Removes the directories that are in a user's hands, and returns them.
std::vector<std::string> OfUsers(std::vector<std::string>& paths) {
  const auto first = std::stable_partition(
      paths.begin(), paths.end(), [](const std::string& path) { return UserOfPath(path).empty(); });
  std::vector<std::string> of_users(first, paths.end());
  paths.erase(first, paths.end());
  return of_users;
}

// Returns what a runtime may know: a container's own cgroup, or another cgroup that by its path
// alone may be one. Inner cgroups of a known container have no name.
ContainerRef WantedOf(const std::string& path) {
  const CgroupIdentity identity = IdentifyCgroup(path);
  const std::string as_container = ContainerPath(path);
  if (identity.kind == ContainerKind::kUnit && identity.inner.empty()) return {identity.id, ""};
  if (identity.kind != ContainerKind::kContainer) return {"", as_container};
  if (identity.inner.empty()) return {identity.id, as_container};
  const bool certain = !identity.runtime.empty() || IsLongId(identity.id);
  return {"", certain ? "" : as_container};
}

}  // namespace

Metadata::Metadata(const Config& config, const std::string& cgroup_mount)
    : resolver_(cgroup_mount) {
  const auto add = [&](const std::string& name, std::unique_ptr<MetadataSource> source) {
    sources_.emplace_back(name, std::move(source));
  };
  OciSource::Roots roots{WithoutNone(config.run_dirs), WithoutNone(config.docker_roots),
                         WithoutNone(config.storage_roots)};
  // A file system of a user may hang, and must not delay the system's names.
  const OciSource::Roots of_users{OfUsers(roots.run), OfUsers(roots.docker),
                                  OfUsers(roots.storage)};
  add("oci", std::make_unique<OciSource>(roots));
  if (!of_users.run.empty() || !of_users.docker.empty() || !of_users.storage.empty())
    add("oci users", std::make_unique<OciSource>(of_users));
  AddDocker(WithoutNone(config.docker_sockets));
  if (const auto sockets = WithoutNone(config.cri_sockets); !sockets.empty())
    add("cri", std::make_unique<CriSource>(CriSource::Options{.sockets = sockets}));
  add("systemd", std::make_unique<SystemdUnits>());
}

// A name means one container of the first engine, and of the usual one of the other runtime, Docker
// or Podman, which names of workloads tell apart; in any other engine it means another.
void Metadata::AddDocker(const std::vector<std::string>& sockets) {
  const std::vector<std::string> usual = SocketsOf(RuntimeApi::kDocker);
  const auto is_podman = [](const std::string& path) { return absl::StrContains(path, "podman"); };
  for (const std::string& socket : sockets) {
    const bool other_runtime = is_podman(socket) != is_podman(sockets.front()) &&
                               std::ranges::find(usual, socket) != usual.end();
    const bool plain = socket == sockets.front() || other_runtime;
    sources_.emplace_back(
        sockets.size() == 1 ? "docker" : absl::StrCat("docker ", socket),
        std::make_unique<DockerSource>(socket, HttpLimits{}, plain ? "" : socket));
  }
}

void Metadata::Request(const CgroupMade& made) {
  const ContainerRef wanted = WantedOf(made.path);
  const bool a_unit = wanted.cgroup_path.empty();
  // Each source reports all existing ones first.
  if (a_unit ? wanted.id.empty() : made.existing) return;
  for (Source& source : sources_) source.lookup.Request(wanted);
}

std::vector<KernelEvent> Metadata::Poll(const std::vector<CgroupId>& unnamed) {
  std::vector<KernelEvent> events;
  for (Source& source : sources_)
    for (ContainerDescribed& described : source.lookup.Drain())
      events.emplace_back(std::move(described));
  const TimeNs now = SteadyClock();
  if (unnamed.empty() || now < next_resolve_) return events;
  next_resolve_ = now + kBetweenLooks;
  for (KernelEvent& event : resolver_.Resolve(unnamed, now)) {
    if (const auto* made = std::get_if<CgroupMade>(&event))
      Request({made->time, made->cgroup, made->path, /*existing=*/false});
    events.push_back(std::move(event));
  }
  std::lock_guard lock(mutex_);
  trouble_ = resolver_.trouble();
  return events;
}

std::vector<int> Metadata::fds() const {
  std::vector<int> fds;
  for (const Source& source : sources_)
    if (source.lookup.fd() >= 0) fds.push_back(source.lookup.fd());
  return fds;
}

std::vector<Layer> Metadata::layers() const {
  std::vector<Layer> layers;
  {
    std::lock_guard lock(mutex_);
    layers.push_back({"cgroup", trouble_.empty() ? "ok" : "failing", trouble_});
  }
  for (const Source& source : sources_) {
    const Lookup::State state = source.lookup.state();
    Layer& layer = layers.emplace_back(source.name, state.state, state.detail);
    if (const uint64_t dropped = source.lookup.dropped(); dropped > 0)
      layer.detail += fmt::format("{}{} requests or answers dropped",
                                  layer.detail.empty() ? "" : "; ", dropped);
  }
  return layers;
}

}  // namespace capmon
