// SPDX-License-Identifier: Apache-2.0
#include "daemon/metadata.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/cri.h"
#include "daemon/attribution/docker.h"
#include "daemon/attribution/oci.h"
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
  const auto add = [&](const char* name, std::unique_ptr<MetadataSource> source) {
    sources_.emplace_back(name, std::move(source));
  };
  const OciSource::Roots roots{WithoutNone(config.run_dirs), WithoutNone(config.docker_roots),
                               WithoutNone(config.storage_roots)};
  add("oci", std::make_unique<OciSource>(roots));
  if (config.docker_socket != kNoSource)
    add("docker", std::make_unique<DockerSource>(config.docker_socket));
  if (const auto sockets = WithoutNone(config.cri_sockets); !sockets.empty())
    add("cri", std::make_unique<CriSource>(CriSource::Options{.sockets = sockets}));
  add("systemd", std::make_unique<SystemdUnits>());
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
