// SPDX-License-Identifier: Apache-2.0
// Reads the files of runtimes: bundles and state of containerd, runc, crun, CRI-O, Podman, Docker.
// Needs no socket and writes nothing. What lies in a user's hands names that user's containers
// only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/attribution/lookup.h"

namespace capmon {

class OciSource final : public MetadataSource {
 public:
  struct Roots {
    std::vector<std::string> run = {"/run"};                             // state of runtimes
    std::vector<std::string> docker = {"/var/lib/docker"};               // Docker's data
    std::vector<std::string> storage = {"/var/lib/containers/storage"};  // Podman's
  };

  explicit OciSource(const Roots& roots);

  bool Handles(const ContainerRef& wanted) const override;
  absl::Status ListAll(const Answers& answers, std::stop_token stop) override;
  absl::Status Check(const Answers& answers, std::stop_token stop) override;
  absl::StatusOr<Found> Inspect(const ContainerRef& wanted, const Answers& answers,
                                std::stop_token stop) override;

  static constexpr size_t kMaxKnown = 8192;  // containers; further ones are read again each time
  static constexpr size_t kMaxOfUser = 256;  // containers of one place; further ones are not read

 private:
  enum class Kind { kBundle, kRuncState, kCrunStatus, kDockerConfig };
  struct Place {
    std::string root;
    std::string directory;        // below the root; has one directory per container
    bool has_namespaces = false;  // has one more level for namespaces
    std::string file;             // of a container
    Kind kind = Kind::kBundle;
    std::string runtime;    // the runtime with files here
    std::string user = {};  // in whose hands it is, as of the last Sign()
  };

  // Returns the directories that have one directory per container, with their namespaces.
  std::vector<std::pair<std::string, std::string>> Shelves(const Place& place,
                                                           absl::Status& status);
  bool Read(const Place& place, const std::string& shelf, const std::string& name_space,
            const std::string& id, const Answers& answers);
  // Looks up in whose hands each place is.
  void Sign();
  // Reads Podman's lists of containers; only `id`, unless it is empty.
  void ReadLists(const std::string& id, const Answers& answers);
  // Reads what is new since the last call; `paths` are the cgroup paths of new containers.
  absl::Status Scan(const Answers& answers, std::stop_token stop);

  std::vector<Place> places_;
  std::vector<Place> lists_;     // in the same places as Podman's bundles
  std::set<std::string> known_;  // directories already read, each with its inode
  std::set<std::string> paths_;  // cgroup paths reported since the last query
};

}  // namespace capmon
