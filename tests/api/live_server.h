// SPDX-License-Identifier: Apache-2.0
// A real server on a socket in a directory of its own, in front of a real monitor. Tests play the
// kernel: they feed it events.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>

#include "capmon/v1/capmon.grpc.pb.h"
#include "daemon/api/server.h"
#include "daemon/requests.h"
#include "tests/support/temp_dir.h"

namespace capmon {

inline constexpr TimeNs kStart = 1'700'000'000'000'000'000;
inline constexpr TimeNs kOneSecond = 1'000'000'000;

class LiveServer {
 public:
  explicit LiveServer(size_t backlog = 256);

  Served served();
  std::string socket() const { return directory_ / "run/capmon.sock"; }
  std::string address() const { return "unix://" + socket(); }
  std::shared_ptr<grpc::Channel> Channel() const;
  std::unique_ptr<v1::Capmon::Stub> Stub() const;

  void Feed(const KernelEvent& event);
  // As the event loop does when it is asked to be up to date.
  bool Refresh();
  void SetHealth(const HealthState& now) {
    health.With([&](HealthState& state) { state = now; });
  }
  // A Docker container with Docker's default capabilities. Ids are 64 times `letter`.
  void AddContainer(CgroupId cgroup, char letter, const std::string& name);
  // Checks of a container's own program at a kernel function no table knows.
  void AddChecks(CgroupId cgroup, Capability capability, bool granted, uint64_t count = 1);

  TempDir directory_;
  Broadcast<Alert> alerts;
  Broadcast<WatchedEvent> events;
  Synchronized<Monitor> monitor;
  Requests requests;
  std::atomic<int> refreshes = 0;
  std::atomic<bool> busy = false;  // the event loop does not get round to anything
  Synchronized<HealthState> health{true, "", kStart};
  std::unique_ptr<Server> server;

 private:
  TimeNs now_ = kStart;
};

std::string ContainerId(char letter);
CapabilitySet DockerDefaults();

}  // namespace capmon
