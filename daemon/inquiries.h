// SPDX-License-Identifier: Apache-2.0
// Looks up what events leave open: names of containers, capabilities of files. Never waits; each
// answer is an event. Owned by the event loop, except layers() and the waiting functions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/collector/file_reader.h"
#include "daemon/metadata.h"
#include "daemon/model/kernel_event.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"
#include "daemon/settings/config.h"

namespace capmon {

class Inquiries {
 public:
  // Looks up nothing: a recording contains the answers.
  Inquiries() = default;
  // `cgroup_mount`: the mount of the watched hierarchy. `reading` null: reads no file.
  Inquiries(const Config& config, const std::string& cgroup_mount,
            std::unique_ptr<ReadingProcess> reading);

  // Call before an event is applied. Returns true for an event that is held back: its answer is the
  // same event, complete.
  bool HoldsBack(const KernelEvent& event, Monitor& monitor);
  // Call after an event was applied. Returns an event that holds until there is an answer, to be
  // applied next.
  std::optional<KernelEvent> Follow(const KernelEvent& event, Monitor& monitor);

  // Returns answers since the last call; `unnamed`: cgroups whose paths are needed.
  std::vector<KernelEvent> Answers(const std::vector<CgroupId>& unnamed);
  // Readable if Answers() has events.
  std::vector<int> fds() const;
  std::vector<Layer> layers();
  std::map<std::string, uint64_t> counters();  // for status; any thread
  // Waits for the files requested so far, at most a fifth of a second; false if a file system
  // hangs. Not for the event loop; any thread, like the next.
  bool AwaitFiles();
  bool HaveFiles();  // True if Answers() has files.

 private:
  std::optional<Metadata> metadata_;
  std::optional<FileReader> files_;
};

}  // namespace capmon
