// SPDX-License-Identifier: Apache-2.0
// What an event leaves open and this host knows: the names of containers, the capabilities of
// files. Asks for it and never waits; each answer is an event. Owned by the event loop, but for
// layers() and what waits.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/collector/file_reader.h"
#include "daemon/config.h"
#include "daemon/metadata.h"
#include "daemon/model/kernel_event.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"

namespace capmon {

class Inquiries {
 public:
  // Asks nothing: a recording has the answers in it.
  Inquiries() = default;
  // `cgroup_mount` is where the hierarchy that is watched can be seen. Null for `reading`: no file
  // is read.
  Inquiries(const Config& config, const std::string& cgroup_mount,
            std::unique_ptr<ReadingProcess> reading);

  // Before an event is applied. True for one that is held back: its answer will be the same event,
  // complete.
  bool HoldsBack(const KernelEvent& event, Monitor& monitor);
  // After an event was applied. Returns what holds until there is an answer, to be applied next.
  std::optional<KernelEvent> Follow(const KernelEvent& event, Monitor& monitor);

  // What was learned since the last call; `unnamed` are cgroups to find the paths of.
  std::vector<KernelEvent> Answers(const std::vector<CgroupId>& unnamed);
  // Readable when Answers() has something.
  std::vector<int> fds() const;
  std::vector<Layer> layers();
  std::map<std::string, uint64_t> counters();  // for status; from any thread
  // Waits for the files asked for so far, for a fifth of a second at most; false: a file system
  // hangs. Not for the event loop; from any thread, like the next.
  bool AwaitFiles();
  bool HaveFiles();  // for Answers()

 private:
  std::optional<Metadata> metadata_;
  std::optional<FileReader> files_;
};

}  // namespace capmon
