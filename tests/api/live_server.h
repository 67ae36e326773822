// SPDX-License-Identifier: Apache-2.0
// A real server on a socket in its own directory, with a real monitor. Tests feed events in place
// of the kernel.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "capmon/v1/capmon.grpc.pb.h"
#include "daemon/api/server.h"
#include "daemon/requests.h"
#include "tests/support/temp_dir.h"

namespace capmon {

inline constexpr TimeNs kStart = 1'700'000'000'000'000'000;

CapabilitySet DockerDefaults();
// May change something, besides root and the user of the test.
inline constexpr uid_t kOperator = 65533;

class LiveServer {
 public:
  explicit LiveServer(size_t backlog = 256, Monitor::Options options = Monitor::Options());

  ServiceContext served();
  std::string socket() const { return directory_ / "run/capmon.sock"; }
  std::string address() const { return "unix://" + socket(); }
  std::shared_ptr<grpc::Channel> Channel() const;
  std::unique_ptr<v1::Capmon::Stub> Stub() const;

  void Feed(const KernelEvent& event);
  // Does what the event loop does on a refresh.
  bool Refresh();
  void SetHealth(const HealthState& now) {
    health.With([&](HealthState& state) { state = now; });
  }
  // Adds a Docker container with Docker's default capabilities. Ids are 64 times `letter`. A
  // workload is a Compose service, if it is not empty; the digest of an image is 64 times its
  // letter.
  void AddContainer(CgroupId cgroup, char letter, const std::string& name,
                    const std::string& workload = "", char image = '\0');
  void EndContainer(CgroupId cgroup);
  // What the next containers are given.
  CapabilitySet given = DockerDefaults();
  uint32_t arguments = 1;
  // Adds checks of a container's own program at an unknown kernel function.
  void AddChecks(CgroupId cgroup, Capability capability, bool granted, uint64_t count = 1);

  TempDir directory_;
  Broadcast<Alert> alerts;
  Broadcast<WatchedEvent> events;
  Synchronized<Monitor> monitor;
  Requests requests;
  std::atomic<int> refreshes = 0;
  std::atomic<bool> busy = false;  // the event loop does not answer
  Synchronized<HealthState> health{true, "", kStart};
  Synchronized<std::vector<Layer>> keeps{std::vector<Layer>()};
  std::unique_ptr<Server> server;

 private:
  TimeNs now_ = kStart;
};

std::string ContainerId(char letter);

}  // namespace capmon
