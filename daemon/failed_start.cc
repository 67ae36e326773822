// SPDX-License-Identifier: Apache-2.0
#include "daemon/failed_start.h"

#include <unistd.h>

#include <filesystem>
#include <set>

#include "common/address.h"
#include "daemon/base/exists.h"
#include "daemon/store/state_dir.h"

namespace capmon {
void FailedStart::TakeBackFile(const std::string& path) {
  TakeBack([path] { ::unlink(path.c_str()); });
}

void FailedStart::TakeBackRunDirectory(const Config& config) {
  const auto socket = SocketPath(config.address);
  if (!socket.ok()) return;
  const std::string directory = std::filesystem::path(*socket).parent_path();
  if (!Exists(directory)) TakeBack([directory] { ::rmdir(directory.c_str()); });
}

void FailedStart::TakeBackState(const Config& config) {
  const std::string directory = config.state_dir;
  if (directory == "none" || Exists(directory + "/capmon.db")) return;
  const bool had_directory = Exists(directory);
  TakeBack([directory, had_directory] {
    if (!Exists(directory)) return;
    // Another capmond may use it meanwhile: then it is not ours to remove.
    auto claimed = StateDir::Claim(directory, StateDir::Use::kRemove);
    if (claimed.ok()) (void)claimed->RemoveFiles();
    if (claimed.ok() && !had_directory) ::rmdir(directory.c_str());
  });
}

void FailedStart::TakeBackPins(const PinDirectory& pins) {
  std::set<std::string> before;
  for (const PinnedGeneration& one : pins.Generations()) before.insert(one.folder);
  TakeBack([&pins, before] {
    for (const PinnedGeneration& one : pins.Generations()) {
      if (before.contains(one.folder)) continue;
      PinDirectory::Detach(one.folder);
      PinDirectory::Remove(one.folder);
    }
    if (before.empty()) ::rmdir(pins.path().c_str());  // fails if it has other entries
  });
}

}  // namespace capmon
