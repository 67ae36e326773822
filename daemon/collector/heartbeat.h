// SPDX-License-Identifier: Apache-2.0
// A small process of capmond's that asks for a capability it does not hold, whenever told to:
// something real to be seen. It lives in capmond's cgroup, and dies with capmond.
#pragma once

#include <sys/types.h>

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class Heartbeat {
 public:
  // `exe`: the number of capmond's own executable, as checks carry it.
  static absl::StatusOr<std::unique_ptr<Heartbeat>> Start(uint32_t exe);
  ~Heartbeat();

  // Has one check made, soon; by a new process, if the last one has died. Never blocks.
  void Beat();

  // Whether `key` is what a beat leads to: SYS_PTRACE, refused when reading /proc/PID/stat.
  bool IsOwn(const CheckKey& key) const;
  // The number of our own executable, as checks have it.
  uint32_t exe() const { return exe_; }

 private:
  explicit Heartbeat(uint32_t exe) : exe_(exe) {}
  absl::Status Fork();

  const uint32_t exe_;  // capmond's own executable, as checks carry it
  pid_t pid_ = -1;
  UniqueFd orders_;
};

}  // namespace capmon
