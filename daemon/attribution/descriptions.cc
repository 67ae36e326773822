// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/descriptions.h"

#include <algorithm>

#include "daemon/attribution/cgroup_path.h"

namespace capmon {
namespace {

constexpr size_t kMaxLabels = 64;

size_t Rank(const std::string& source) {
  if (source == "cri") return 3;
  if (source == "docker") return 2;
  return source == "oci" ? 1 : 0;
}

std::string KeyOf(const ContainerDescribed& described) {
  const bool unique = IsLongId(described.container_id) || described.cgroup_path.empty();
  return unique ? described.container_id : described.cgroup_path;
}

void Put(std::string& field, const std::string& news, bool replace) {
  if (!news.empty() && (replace || field.empty())) field = news;
}

void PutLabels(std::map<std::string, std::string>& labels,
               const std::map<std::string, std::string>& news, bool replace) {
  for (const auto& [name, value] : news) {
    const auto known = labels.find(name);
    if (known == labels.end() && labels.size() < kMaxLabels) labels.emplace(name, value);
    if (known != labels.end() && replace) known->second = value;
  }
}

// A known field stays set: a list has fewer facts than an inspection.
template <typename Known>
void PutWorkload(Known& known, const ContainerDescribed& news) {
  const bool certain = known.workload == news.workload && !known.workload_inferred;
  known.workload = news.workload;
  known.workload_inferred = news.workload_inferred && !certain;
}

// A list has fewer fields than an inspection, so an empty field changes nothing.
void Update(ContainerDescribed& known, const ContainerDescribed& news) {
  Put(known.name, news.name, true);
  Put(known.image, news.image, true);
  Put(known.pod, news.pod, true);
  Put(known.pod_namespace, news.pod_namespace, true);
  Put(known.pod_uid, news.pod_uid, true);
  Put(known.runtime, news.runtime, true);
  Put(known.cgroup_path, news.cgroup_path, true);
  Put(known.description, news.description, true);
  if (!news.workload.empty()) PutWorkload(known, news);
  PutLabels(known.labels, news.labels, true);
  known.privileged = known.privileged || news.privileged;
  if (news.held) known.held = news.held;
  Put(known.root, news.root, true);
  if (news.filter) known.filter = news.filter;
  Put(known.image_digest, news.image_digest, true);
  Put(known.entrypoint, news.entrypoint, true);
  Put(known.command, news.command, true);
  Put(known.workload_label, news.workload_label, true);
}

// The owner of a delegated subtree (a user, a service) can create a cgroup there that looks like
// any container's. A description there must have the exact path.
bool MayBeMadeUp(const std::string& path) { return path.find(".service/") != path.npos; }

void Apply(const ContainerDescribed& news, Container& container) {
  const bool for_units = news.source == "systemd";
  if (container.kind != (for_units ? ContainerKind::kUnit : ContainerKind::kContainer)) return;
  if (MayBeMadeUp(container.cgroup_path) && !for_units && news.cgroup_path != container.cgroup_path)
    return;
  const bool replace = Rank(news.source) >= Rank(container.name_source);
  if (replace && !news.name.empty()) {
    container.name = news.name;
    container.name_source = news.source;
  }
  // The path shows the runtime with certainty, except "containerd": other runtimes' pods look the
  // same. runc may run for any of them.
  const bool guessed = container.runtime == "containerd" && news.runtime != "runc";
  const bool docker = news.runtime.empty() && news.source == "docker";  // for older recordings
  Put(container.runtime, docker ? news.source : news.runtime, replace && guessed);
  Put(container.image, news.image, replace);
  Put(container.pod, news.pod, replace);
  Put(container.pod_namespace, news.pod_namespace, replace);
  Put(container.pod_uid, news.pod_uid, false);
  Put(container.description, news.description, replace);
  if (!news.workload.empty() && (replace || container.workload.empty()))
    PutWorkload(container, news);
  PutLabels(container.labels, news.labels, replace);
  container.privileged = container.privileged || news.privileged;
  if (news.held) container.granted = news.held;
  Put(container.root, news.root, replace);
  if (news.filter) container.filter = news.filter;
  Put(container.image_digest, news.image_digest, replace);
  Put(container.entrypoint, news.entrypoint, replace);
  Put(container.command, news.command, replace);
  Put(container.workload_label, news.workload_label, replace);
}

}  // namespace

void Descriptions::Add(const ContainerDescribed& described) {
  const std::string key = KeyOf(described);
  const auto [found, is_new] = known_.try_emplace(key);
  std::optional<ContainerDescribed>& layer = found->second.at(Rank(described.source));
  // Another id at the same path is another container.
  if (!layer || layer->container_id != described.container_id) layer.emplace();
  layer->time = described.time;
  layer->container_id = described.container_id;
  layer->source = described.source;
  if (!described.cgroup_path.empty()) ReleasePath(layer->cgroup_path, key);
  Update(*layer, described);
  for (const auto& told : found->second)
    if (told && !told->cgroup_path.empty()) key_by_path_[told->cgroup_path] = key;
  if (!is_new) return;
  order_.push_back(key);
  if (order_.size() <= kMax) return;
  const auto oldest = known_.extract(order_.front());
  for (const auto& told : oldest.mapped())
    if (told) ReleasePath(told->cgroup_path, oldest.key());
  order_.pop_front();
  ++dropped_;
}

void Descriptions::ReleasePath(const std::string& path, const std::string& key) {
  const auto found = key_by_path_.find(path);
  if (found != key_by_path_.end() && found->second == key) key_by_path_.erase(found);
}

void Descriptions::ApplyTo(Container& container) const {
  for (const std::string& key : {container.id, container.cgroup_path}) {
    const auto found = known_.find(key);
    if (found == known_.end()) continue;
    for (const auto& layer : found->second)
      if (layer) Apply(*layer, container);
  }
}

std::optional<Descriptions::Declared> Descriptions::OutermostAt(const std::string& path) const {
  for (size_t end = path.find('/', 1); !key_by_path_.empty(); end = path.find('/', end + 1)) {
    const std::string here = path.substr(0, end);
    if (const auto found = key_by_path_.find(here); found != key_by_path_.end())
      for (const auto& layer : known_.at(found->second))
        if (layer && layer->cgroup_path == here)
          return Declared{here, layer->container_id, layer->runtime};
    if (end == path.npos) break;
  }
  return std::nullopt;
}

void Descriptions::Withdraw(const std::string& path) {
  key_by_path_.erase(path);
  if (known_.erase(path) > 0) std::erase(order_, path);
}

}  // namespace capmon
