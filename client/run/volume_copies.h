// SPDX-License-Identifier: Apache-2.0
// Copies of the volumes and bind mounts of a container of Docker, for a twin that may write.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/run/blocked_signals.h"
#include "client/run/docker_engine.h"

namespace capmon {

// A directory that the container may write to.
struct WritableMount {
  std::string source;  // on the engine's host
  std::string destination;
};

std::vector<WritableMount> WritableMounts(const nlohmann::json& inspected);
// Returns whether a twin has one of these as well, with what the container wrote there. Volumes
// without a name are made anew for each container.
bool TwinsFindWhatItWrote(const nlohmann::json& inspected);
// FAILED_PRECONDITION if they are not on this machine, or too large together.
absl::Status MayBeCopied(const std::vector<WritableMount>& mounts);

// Changes the settings of a twin so that it has these volumes, by their place, and all other
// volumes and bind mounts of the original read-only. Pure.
void MountCopies(const nlohmann::json& inspected,
                 const std::map<std::string, std::string>& volume_at, nlohmann::json& body);

// Volumes that exist as long as this object.
class VolumeCopies {
 public:
  // Their names begin with `name`. `owner` is the value of the label kTwinOwnerLabel.
  VolumeCopies(const DockerEngine& engine, std::string name, std::string owner)
      : engine_(engine), name_(std::move(name)), owner_(std::move(owner)) {}
  ~VolumeCopies();
  VolumeCopies(const VolumeCopies&) = delete;
  VolumeCopies& operator=(const VolumeCopies&) = delete;

  // Returns 0, or the signal that arrived meanwhile.
  absl::StatusOr<int> Make(const std::vector<WritableMount>& mounts, const BlockedSignals& signals);
  const std::map<std::string, std::string>& volume_at() const { return volume_at_; }
  // The copies, for copying them again.
  const std::vector<WritableMount>& made() const { return made_; }

 private:
  const DockerEngine& engine_;
  const std::string name_;
  const std::string owner_;
  std::map<std::string, std::string> volume_at_;
  std::vector<WritableMount> made_;
};

}  // namespace capmon
