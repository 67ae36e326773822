// SPDX-License-Identifier: Apache-2.0
// The directory in a BPF file system where programs and maps stay when capmond does not: one folder
// per generation, that is, per capmond that had to load its own. A folder counts once the map that
// describes it is there, which is pinned last and removed first.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

struct PinnedGeneration {
  capmon_generation about;
  std::string folder;

  // Of the one folder; UniqueFd is empty when there is no such pin.
  UniqueFd Open(const std::string& name) const;
};

class PinDirectory {
 public:
  // Makes it when missing (0700) and locks it until the object goes. FAILED_PRECONDITION when
  // another capmond has it, INVALID_ARGUMENT where it is not in a BPF file system.
  static absl::StatusOr<PinDirectory> Claim(const std::string& path);
  // Is this directory in a BPF file system? It need not be there itself.
  static bool Possible(const std::string& path);

  const std::string& path() const { return path_; }
  // Those there are. What a crash left half made is removed.
  std::vector<PinnedGeneration> Generations() const;
  // An empty folder to pin into.
  absl::StatusOr<std::string> Begin(uint64_t id) const;
  // From now on the folder counts.
  absl::Status Finish(const std::string& folder, const capmon_generation& about) const;
  // Takes the links away: what they held is attached no more, its maps can still be read.
  static void Detach(const std::string& folder);
  static void Remove(const std::string& folder);
  // Removes everything and itself; what was removed.
  std::vector<std::string> RemoveAll() const;

 private:
  PinDirectory(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::vector<std::string> Folders() const;

  std::string path_;
  UniqueFd lock_;
};

// The names of pins.
std::string MapPin(const std::string& map);
std::string LinkPin(const std::string& program);
std::string ProgramPin(const std::string& program);

}  // namespace capmon
