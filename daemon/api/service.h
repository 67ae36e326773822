// SPDX-License-Identifier: Apache-2.0
// The API's answers. Each call shares a snapshot under the monitor's lock, lets go of it, judges,
// converts, replies. Runs on gRPC's threads, and changes nothing: requests that change the monitor
// are events for the event loop.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "capmon/v1/capmon.grpc.pb.h"
#include "daemon/api/convert.h"
#include "daemon/base/broadcast.h"
#include "daemon/base/synchronized.h"
#include "daemon/monitor.h"

namespace capmon {

// The objects the API serves; they outlive the server. Alerts are published while the monitor is
// locked, which is why a reader can get the past ones and then the new ones without a gap.
struct Served {
  Synchronized<Monitor>& monitor;
  Broadcast<Alert>& alerts;
  Broadcast<WatchedEvent>& events;
  // Makes the event loop apply what the kernel has now and what was submitted, and waits for it,
  // for a second at most. False when it was not done by then.
  std::function<bool()> refresh;
  std::function<std::vector<Layer>()> layers;
  std::function<HealthState()> health;
  // Gives the event loop an event to apply, without waiting. RESOURCE_EXHAUSTED when too many wait.
  std::function<absl::Status(KernelEvent)> submit;
  // What lives on when capmond does not; called from any thread.
  std::function<std::vector<Layer>()> keeps = [] { return std::vector<Layer>(); };
  // What is counted outside of the monitor; called from any thread.
  std::function<std::map<std::string, uint64_t>()> counters = [] {
    return std::map<std::string, uint64_t>();
  };
};

class Service final : public v1::Capmon::Service {
 public:
  explicit Service(Served served);

  // Streams hold a thread each; beyond this many, RESOURCE_EXHAUSTED keeps the rest answering.
  static constexpr int kMaxStreams = 32;

  grpc::Status ListContainers(grpc::ServerContext*, const v1::ListContainersRequest* request,
                              v1::ListContainersResponse* response) override;
  grpc::Status GetProfile(grpc::ServerContext*, const v1::GetProfileRequest* request,
                          v1::Profile* response) override;
  grpc::Status Explain(grpc::ServerContext*, const v1::ExplainRequest* request,
                       v1::Explanation* response) override;
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::Status* response) override;
  grpc::Status ResetProfile(grpc::ServerContext*, const v1::ResetProfileRequest* request,
                            v1::ResetProfileResponse*) override;
  grpc::Status SetBaseline(grpc::ServerContext*, const v1::SetBaselineRequest* request,
                           v1::SetBaselineResponse* response) override;
  grpc::Status WatchEvents(grpc::ServerContext* call, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::Event>* writer) override;
  grpc::Status WatchAlerts(grpc::ServerContext* call, const v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<v1::Alert>* writer) override;

 private:
  // Brings the monitor up to date; an answer that could not wait for that says so.
  void Refresh(grpc::ServerContext& call);
  // The profile a request names, up to date.
  absl::StatusOr<Profile> Find(grpc::ServerContext& call, const std::string& reference);
  // The key of the container a request names, once the event loop has applied an event about it.
  template <typename Event>
  absl::StatusOr<std::string> ApplyTo(const std::string& reference);
  // Runs one stream, if there is room for it.
  grpc::Status Stream(const std::function<grpc::Status()>& run);

  const Served served_;
  const CallSites& sites_;
  const TimeNs stable_after_;
  std::atomic<int> streams_ = 0;
};

}  // namespace capmon
