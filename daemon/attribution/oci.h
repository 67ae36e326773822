// SPDX-License-Identifier: Apache-2.0
// What runtimes leave in files: bundles and state of containerd, runc, crun, CRI-O, Podman, Docker.
// Needs no socket and only reads.
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
    std::vector<std::string> run = {"/run"};                             // runtimes' state
    std::vector<std::string> docker = {"/var/lib/docker"};               // Docker's data
    std::vector<std::string> storage = {"/var/lib/containers/storage"};  // Podman's
  };

  explicit OciSource(const Roots& roots);

  bool MayKnow(const Wanted& wanted) const override;
  absl::Status AskForAll(const Answers& answers, std::stop_token stop) override;
  absl::Status Check(const Answers& answers, std::stop_token stop) override;
  absl::StatusOr<Found> AskForOne(const Wanted& wanted, const Answers& answers,
                                  std::stop_token stop) override;

  static constexpr size_t kMaxKnown = 8192;  // containers; more are read again with every look

 private:
  enum class Kind { kBundle, kRuncState, kCrunStatus, kDockerConfig };
  struct Place {
    std::string root;
    std::string directory;        // below the root: one directory a container
    bool has_namespaces = false;  // with one more level above them
    std::string file;             // of a container
    Kind kind = Kind::kBundle;
    std::string runtime;  // the runtime with files here
  };

  // Directories that hold one directory a container, with the namespace of those.
  std::vector<std::pair<std::string, std::string>> Shelves(const Place& place,
                                                           absl::Status& status);
  bool Read(const Place& place, const std::string& shelf, const std::string& name_space,
            const std::string& id, const Answers& answers);
  // Reads what was not there last time; the paths of their cgroups are in `paths`.
  absl::Status Scan(const Answers& answers, std::stop_token stop);

  std::vector<Place> places_;
  std::set<std::string> known_;  // directories read already, each one as it was made
  std::set<std::string> paths_;  // cgroup paths reported since the last query
};

}  // namespace capmon
