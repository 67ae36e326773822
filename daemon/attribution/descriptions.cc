// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/descriptions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/cgroup_path.h"

namespace capmon {
namespace {

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxOfUser = 256;  // so that no user's engine displaces what others report

size_t Rank(const std::string& source) {
  if (source == "cri") return 3;
  if (source == "docker") return 2;
  return source == "oci" ? 1 : 0;
}

// What a user's own engine or files report is stored apart from the system's, under the id alone.
std::string KeyOfUser(const std::string& user, const std::string& id) {
  return absl::StrCat("~", user, "/", id);
}

std::string KeyOf(const ContainerDescribed& described) {
  if (!described.by_user.empty()) return KeyOfUser(described.by_user, described.container_id);
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
  Put(known.engine, news.engine, true);
  Put(known.by_user, news.by_user, true);
  known.ended_before = std::max(known.ended_before, news.ended_before);
}

// The owner of a delegated subtree (a user, a service) can create a cgroup there that looks like
// any container's. A description there must have the exact path.
bool MayBeMadeUp(const std::string& path) { return path.find(".service/") != path.npos; }

void Apply(const ContainerDescribed& news, Container& container) {
  const bool for_units = news.source == "systemd";
  if (container.kind != (for_units ? ContainerKind::kUnit : ContainerKind::kContainer)) return;
  if (MayBeMadeUp(container.cgroup_path) && !for_units && news.by_user.empty() &&
      news.cgroup_path != container.cgroup_path)
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
  Put(container.engine, news.engine, replace);
  if (news.ended_before != 0 && news.ended_before < container.first_seen)
    container.ran_before = true;
}

// Leaves what a user may say of the containers in the user's own slice: no place, nothing to read,
// no sets, no pod.
ContainerDescribed OnlyNames(const ContainerDescribed& described) {
  ContainerDescribed names;
  names.time = described.time;
  names.container_id = described.container_id;
  names.source = described.source;
  names.runtime = described.runtime;
  names.name = described.name;
  names.image = described.image;
  names.image_digest = described.image_digest;
  names.entrypoint = described.entrypoint;
  names.command = described.command;
  names.ended_before = described.ended_before;
  names.labels = described.labels;
  names.workload = described.pod.empty() ? described.workload : "";
  names.workload_inferred = described.workload_inferred;
  names.workload_label = described.workload_label;
  names.by_user = described.by_user;
  return names;
}

}  // namespace

void Descriptions::Add(const ContainerDescribed& told) {
  const ContainerDescribed described = told.by_user.empty() ? told : OnlyNames(told);
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
  for (const auto& of_source : found->second)
    if (of_source && !of_source->cgroup_path.empty()) key_by_path_[of_source->cgroup_path] = key;
  if (!is_new) return;
  std::deque<std::string>& order = order_[described.by_user];
  order.push_back(key);
  if (order.size() <= (described.by_user.empty() ? kMax : kMaxOfUser)) return;
  const auto oldest = known_.extract(order.front());
  for (const auto& layer_of_oldest : oldest.mapped())
    if (layer_of_oldest) ReleasePath(layer_of_oldest->cgroup_path, oldest.key());
  order.pop_front();
  ++dropped_;
}

void Descriptions::ReleasePath(const std::string& path, const std::string& key) {
  const auto found = key_by_path_.find(path);
  if (found != key_by_path_.end() && found->second == key) key_by_path_.erase(found);
}

void Descriptions::ApplyTo(Container& container) const {
  const std::string user = UserOfSlice(container.cgroup_path);
  for (const std::string& key :
       {container.id, container.cgroup_path, user.empty() ? "" : KeyOfUser(user, container.id)}) {
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
  if (known_.erase(path) > 0) std::erase(order_[""], path);
}

}  // namespace capmon
