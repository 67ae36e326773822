// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/oci.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/oci_files.h"
#include "daemon/attribution/state_files.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr char kMoby[] = "moby";  // Docker's namespace in containerd

}  // namespace

OciSource::OciSource(const Roots& roots) {
  // Reads state after bundles: its cgroup path is more reliable.
  for (const std::string& run : roots.run) {
    for (const char* containerd : {"containerd", "docker/containerd/daemon"})
      places_.push_back({run, absl::StrCat(containerd, "/io.containerd.runtime.v2.task"), true,
                         "config.json", Kind::kBundle, "containerd"});
    places_.push_back({run, "containerd/runc", true, "state.json", Kind::kRuncState, "containerd"});
    places_.push_back({run, "docker/runtime-runc", true, "state.json", Kind::kRuncState, "docker"});
    places_.push_back({run, "runc", false, "state.json", Kind::kRuncState, "runc"});
    places_.push_back({run, "crun", false, "config.json", Kind::kBundle, "crun"});
    places_.push_back({run, "crun", false, "status", Kind::kCrunStatus, "crun"});
  }
  for (const std::string& docker : roots.docker)
    places_.push_back(
        {docker, "containers", false, "config.v2.json", Kind::kDockerConfig, "docker"});
  std::vector<std::string> storages = roots.storage;
  for (const std::string& run : roots.run) storages.push_back(run + "/containers/storage");
  for (const std::string& storage : storages)
    for (const char* driver : {"overlay-containers", "vfs-containers"}) {
      places_.push_back({storage, driver, false, "userdata/config.json", Kind::kBundle, ""});
      for (const char* list : {"containers.json", "volatile-containers.json"})
        lists_.push_back({storage, driver, false, list, Kind::kBundle, ""});
    }
}

void OciSource::Sign() {
  std::map<std::string, std::string> users;
  for (std::vector<Place>* const places : {&places_, &lists_})
    for (Place& place : *places) {
      const auto [user, is_new] = users.try_emplace(place.root);
      if (is_new) user->second = UserOfPath(place.root);
      place.user = user->second;
    }
}

void OciSource::ReadLists(const std::string& id, const Answers& answers) {
  for (const Place& place : lists_) {
    const auto text = ReadStateFile(place.root, absl::StrCat(place.directory, "/", place.file));
    if (!text.ok()) continue;
    size_t emitted = 0;
    for (ContainerDescribed& described : ParseStorageContainers(*text)) {
      if (!id.empty() && described.container_id != id) continue;
      if (++emitted > (place.user.empty() ? kMaxKnown : kMaxOfUser)) break;
      described.time = WallClock();
      described.by_user = place.user;
      answers.emit(std::move(described));
    }
  }
}

std::vector<std::pair<std::string, std::string>> OciSource::Shelves(const Place& place,
                                                                    absl::Status& status) {
  if (!place.has_namespaces) return {{place.directory, ""}};
  std::vector<std::pair<std::string, std::string>> shelves;
  const auto namespaces = ListStateDirectories(place.root, place.directory);
  if (!namespaces.ok()) status = namespaces.status();
  if (namespaces.ok())
    for (const StateDirectory& found : *namespaces)
      shelves.emplace_back(absl::StrCat(place.directory, "/", found.name), found.name);
  return shelves;
}

bool OciSource::Read(const Place& place, const std::string& shelf, const std::string& name_space,
                     const std::string& id, const Answers& answers) {
  const auto text = ReadStateFile(place.root, absl::StrCat(shelf, "/", id, "/", place.file));
  if (!text.ok()) return false;
  std::optional<ContainerDescribed> described;
  switch (place.kind) {
    case Kind::kBundle: described = ParseOciConfig(*text, id); break;
    case Kind::kRuncState: described = ParseRuncState(*text, id); break;
    case Kind::kCrunStatus: described = ParseCrunStatus(*text, id); break;
    case Kind::kDockerConfig: described = ParseDockerConfig(*text, id); break;
  }
  if (!described) return false;
  if (place.kind == Kind::kDockerConfig) {
    const auto host = ReadStateFile(place.root, absl::StrCat(shelf, "/", id, "/hostconfig.json"));
    described->privileged = host.ok() && ParseDockerHostConfig(*host);
  }
  if (!described->root.empty() && !described->root.starts_with("/"))
    described->root = absl::StrCat(place.root, "/", shelf, "/", id, "/", described->root);
  if (described->runtime.empty())
    described->runtime = name_space == kMoby ? "docker" : place.runtime;
  described->time = WallClock();
  described->by_user = place.user;
  if (const std::string path = ContainerPath(described->cgroup_path);
      !path.empty() && place.user.empty() && paths_.size() < kMaxKnown)
    paths_.insert(path);
  answers.emit(*std::move(described));
  return true;
}

absl::Status OciSource::Scan(const Answers& answers, std::stop_token stop) {
  paths_.clear();
  absl::Status worst = absl::NotFoundError("find the state of a container runtime: there is none");
  bool any = false;
  std::set<std::string> seen;
  for (const Place& place : places_) {
    absl::Status status;
    for (const auto& [shelf, name_space] : Shelves(place, status)) {
      auto ids = ListStateDirectories(place.root, shelf);
      if (!ids.ok()) {
        status = ids.status();
        continue;
      }
      if (!place.user.empty() && ids->size() > kMaxOfUser) ids->resize(kMaxOfUser);
      for (const auto& [id, inode] : *ids) {
        if (stop.stop_requested()) return absl::CancelledError("read state files: stopping");
        const std::string directory =
            absl::StrCat(place.root, "/", shelf, "/", id, "/", place.file, ":", inode);
        const bool told = known_.contains(directory) || Read(place, shelf, name_space, id, answers);
        if (told && seen.size() < kMaxKnown) seen.insert(directory);
      }
    }
    any = any || status.ok();
    if (!status.ok() && !absl::IsNotFound(status)) worst = status;
  }
  known_ = std::move(seen);
  return any ? absl::OkStatus() : worst;
}

bool OciSource::Handles(const ContainerRef& wanted) const {
  return !wanted.cgroup_path.empty() || IsLongId(wanted.id);
}

absl::Status OciSource::ListAll(const Answers& answers, std::stop_token stop) {
  return Check(answers, stop);
}

absl::Status OciSource::Check(const Answers& answers, std::stop_token stop) {
  known_.clear();  // names can change: reads everything again
  Sign();
  ReadLists("", answers);
  return Scan(answers, stop);
}

absl::StatusOr<Found> OciSource::Inspect(const ContainerRef& wanted, const Answers& answers,
                                         std::stop_token stop) {
  paths_.clear();
  Sign();
  bool found = false;
  if (IsLongId(wanted.id)) ReadLists(wanted.id, answers);
  if (IsFileName(wanted.id)) {
    absl::Status ignored;
    for (const Place& place : places_)
      for (const auto& [shelf, name_space] : Shelves(place, ignored))
        found = Read(place, shelf, name_space, wanted.id, answers) || found;
  }
  if (IsLongId(wanted.id)) return found ? Found::kYes : Found::kNotYet;
  if (paths_.contains(wanted.cgroup_path)) return Found::kYes;
  // The path does not contain the id: it may be any new container.
  const absl::Status status = Scan(answers, stop);
  if (!status.ok()) return status;
  return paths_.contains(wanted.cgroup_path) ? Found::kYes : Found::kNotYet;
}

}  // namespace capmon
