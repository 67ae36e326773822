// SPDX-License-Identifier: Apache-2.0
// Queries capmond repeatedly, on a thread of its own, so that keys work while it waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "client/base/settings.h"
#include "client/rpc/daemon.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class Fetcher {
 public:
  struct News {
    std::optional<v1::ListContainersResponse> containers;
    std::optional<v1::Profile> profile;  // of the requested container
    std::string complaint;               // why the last attempt failed; "" when it did not
  };

  Fetcher(Settings settings, bool include_ended, std::chrono::milliseconds interval);

  // Runs on the thread; never returns.
  [[noreturn]] void Run();
  // Readable if there is an answer.
  int fd() const { return ready_.get(); }
  News Take();
  // Also fetches this container's profile, from now on and at once; "" for none.
  void Want(const std::string& reference);

 private:
  News Ask(std::optional<Daemon>& daemon, const std::string& wanted) const;

  const Settings settings_;
  const bool include_ended_;
  const std::chrono::milliseconds interval_;
  const UniqueFd ready_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::string wanted_;
  bool hurry_ = false;
  News news_;
};

}  // namespace capmon
