// SPDX-License-Identifier: Apache-2.0
// Asks the Docker Engine (or Podman's compatible socket) what containers are called. Owns a thread,
// because that socket may hang; the event loop only ever takes what is ready.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "daemon/attribution/unix_http.h"
#include "daemon/base/unique_fd.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class DockerNames {
 public:
  struct Options {
    std::string socket = "/var/run/docker.sock";
    HttpLimits limits;
    std::chrono::milliseconds retry{30'000};       // between attempts while nothing works
    std::chrono::milliseconds eager_retry{1'000};  // the same, when a container was just asked for
  };
  struct State {
    std::string state = "absent";  // "ok", "absent", "failing"
    std::string detail;            // why, one sentence; empty when ok
  };

  // Describes all containers first, and again whenever the socket comes back.
  explicit DockerNames(Options options);

  // Readable when Take() has something; -1 if the process has no file descriptors left, in which
  // case Take() still works.
  int fd() const { return ready_.get(); }
  std::vector<ContainerDescribed> Take();
  // Asks for one container, soon. Ids that cannot be Docker's are passed over. Never blocks.
  void Want(const std::string& container_id);

  State state() const;
  uint64_t dropped() const;  // descriptions and requests over a limit, and requests given up

  static constexpr size_t kMaxReady = 4096;
  static constexpr size_t kMaxWanted = 4096;
  static constexpr int kMaxAttempts = 3;

 private:
  void Run(std::stop_token stop);
  bool WaitForWork(std::stop_token stop, bool connected);
  absl::Status Work(std::stop_token stop, bool connected);
  absl::Status Get(const std::string& target, std::stop_token stop, HttpAnswer& answer) const;
  absl::Status AskForAll(std::stop_token stop);
  absl::Status AskForOne(const std::string& id, std::stop_token stop);
  absl::Status AskForWanted(std::stop_token stop);
  void Deliver(ContainerDescribed described);
  void Enqueue(const std::string& id, int attempts);  // mutex_ held
  void Report(const absl::Status& status);

  const Options options_;
  const UniqueFd ready_;
  mutable std::mutex mutex_;  // never held while talking to the socket
  std::condition_variable_any work_;
  std::deque<std::string> wanted_;
  std::map<std::string, int> attempts_;  // of those in wanted_
  bool eager_ = false;                   // something was asked for since the last attempt
  std::deque<ContainerDescribed> delivered_;
  State state_;
  uint64_t dropped_ = 0;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace capmon
