// SPDX-License-Identifier: Apache-2.0
// Where kernel events come from: the live kernel or a recording. Implemented by BpfSource and
// ReplaySource.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/model/kernel_event.h"
#include "daemon/model/program_runs.h"

namespace capmon {

using KernelEventSink = std::function<void(const KernelEvent&)>;

class KernelSource : public PersistentSource {
 public:
  // Readable when something urgent is waiting; -1 if there never is.
  virtual int fd() const = 0;
  // Delivers everything pending, oldest first, then a Tick. Never blocks.
  virtual absl::Status Drain(const KernelEventSink& sink) = 0;
  // Likewise; of what was counted, that in these cgroups, and that for the first time, is enough.
  virtual absl::Status DrainOf(const std::set<CgroupId>&, const KernelEventSink& sink) {
    return Drain(sink);
  }
  // Delivers what should not wait for the next Drain, and is cheap to have.
  virtual void DrainUrgent(const KernelEventSink&) {}
  // Cgroups that only group others: what is below them is charged to itself. Replaces the former.
  virtual void SetGroups(const std::set<CgroupId>&) {}
  // Watches the ends of all system calls from now on, or stops doing so; this costs on every one.
  virtual absl::Status WatchOutcomes(bool) { return absl::OkStatus(); }
  // Whether to read the kernel's answers to netlink requests.
  virtual absl::Status WatchAnswers(bool) { return absl::OkStatus(); }
  // Results of the system calls behind checks are known without watching all.
  virtual bool awaits_ends() const { return false; }
  // How often the programs in the kernel ran; empty if the kernel does not count that. Any thread.
  virtual std::vector<ProgramRuns> program_runs() const { return {}; }
  // Whether to count what tasks read from TCP connections.
  virtual absl::Status WatchUse(bool) { return absl::OkStatus(); }
};

}  // namespace capmon
