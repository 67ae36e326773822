// SPDX-License-Identifier: Apache-2.0
// Implements the API. Each call shares a snapshot under the monitor's lock, unlocks, judges,
// converts, replies. Runs on gRPC's threads and changes nothing: requests that change the monitor
// are events for the event loop.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "capmon/v1/capmon.grpc.pb.h"
#include "daemon/api/callers.h"
#include "daemon/api/convert.h"
#include "daemon/api/sink_access.h"
#include "daemon/base/broadcast.h"
#include "daemon/base/synchronized.h"
#include "daemon/monitor.h"

namespace capmon {

// Where capmond runs; "" where not known.
struct Place {
  std::string cluster;
  std::string node;
};

// The objects that the API serves; they outlive the server. Alerts are published while the monitor
// is locked, so a stream can send past alerts and then new ones without a gap.
struct ServiceContext {
  Synchronized<Monitor>& monitor;
  Broadcast<Alert>& alerts;
  Broadcast<WatchedEvent>& events;
  // Makes the event loop apply the latest counters of what a reference means; for "" all, and
  // submitted events. Waits at most a second. Returns false if it did not finish.
  std::function<bool(const std::string& reference)> refresh;
  std::function<std::vector<Layer>()> layers;
  std::function<HealthState()> health;
  // Queues events for the event loop, all or none, without waiting. It applies and stores them in
  // one step. RESOURCE_EXHAUSTED if the queue is full.
  std::function<absl::Status(std::vector<KernelEvent>)> submit;
  // Returns where evidence is persisted; any thread.
  std::function<std::vector<Layer>()> keeps = [] { return std::vector<Layer>(); };
  // Returns counters from outside the monitor; any thread.
  std::function<std::map<std::string, uint64_t>()> counters = [] {
    return std::map<std::string, uint64_t>();
  };
  Place place = {};
  // Logs what a client changed, and which.
  std::function<void(const std::string&)> log = [](const std::string&) {};
  SinkAccess sinks = {};
  std::string metrics = {};  // where metrics are served; "" for nowhere
};

class Service final : public v1::Capmon::Service {
 public:
  // `peers` are those of the connections to this service.
  Service(ServiceContext context, Peers& peers);

  // Each stream uses a thread; beyond this number streams fail with RESOURCE_EXHAUSTED, so that
  // other calls are still answered.
  static constexpr int kMaxStreams = 32;
  static constexpr int kMaxImports = 4;  // at a time

  grpc::Status ListContainers(grpc::ServerContext*, const v1::ListContainersRequest* request,
                              v1::ListContainersResponse* response) override;
  grpc::Status ListWorkloads(grpc::ServerContext*, const v1::ListWorkloadsRequest* request,
                             v1::ListWorkloadsResponse* response) override;
  grpc::Status GetProfile(grpc::ServerContext*, const v1::GetProfileRequest* request,
                          v1::Profile* response) override;
  grpc::Status Explain(grpc::ServerContext*, const v1::ExplainRequest* request,
                       v1::Explanation* response) override;
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::Status* response) override;
  grpc::Status ResetProfile(grpc::ServerContext*, const v1::ResetProfileRequest* request,
                            v1::ResetProfileResponse* response) override;
  grpc::Status ImportProfiles(grpc::ServerContext* call,
                              grpc::ServerReader<v1::ImportProfilesRequest>* reader,
                              v1::ImportProfilesResponse* response) override;
  grpc::Status RecordProofs(grpc::ServerContext* call, const v1::RecordProofsRequest* request,
                            v1::RecordProofsResponse* response) override;
  grpc::Status SetBaseline(grpc::ServerContext*, const v1::SetBaselineRequest* request,
                           v1::SetBaselineResponse* response) override;
  grpc::Status ApproveWorkload(grpc::ServerContext*, const v1::ApproveWorkloadRequest* request,
                               v1::Baseline* response) override;
  grpc::Status GetBaseline(grpc::ServerContext*, const v1::GetBaselineRequest* request,
                           v1::Baseline* response) override;
  grpc::Status ResetBaseline(grpc::ServerContext*, const v1::ResetBaselineRequest* request,
                             v1::Baseline* response) override;
  grpc::Status WatchEvents(grpc::ServerContext* call, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::Event>* writer) override;
  grpc::Status WatchAlerts(grpc::ServerContext* call, const v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<v1::Alert>* writer) override;

  grpc::Status ListSinks(grpc::ServerContext*, const v1::ListSinksRequest*,
                         v1::ListSinksResponse* response) override;
  grpc::Status TestSink(grpc::ServerContext*, const v1::TestSinkRequest* request,
                        v1::TestSinkResponse* response) override;
  grpc::Status FlushSink(grpc::ServerContext*, const v1::FlushSinkRequest* request,
                         v1::FlushSinkResponse* response) override;

 private:
  // Brings the monitor up to date; marks the answer as stale if that takes too long. With a
  // reference, at least what that means.
  void Refresh(grpc::ServerContext& call, const std::string& reference = "");
  // Returns the requested profile, up to date.
  absl::StatusOr<Profile> Find(grpc::ServerContext& call, const std::string& reference);
  // Returns the requested workload, up to date with `refresh`; with `instance` the one container.
  absl::StatusOr<WorkloadSnapshot> FindWorkload(grpc::ServerContext& call,
                                                const std::string& reference, bool instance,
                                                bool refresh = true);
  // Returns the key of the requested container after the event loop has applied an event about it.
  // Fails if it is not in the store as well.
  absl::StatusOr<std::string> ApplyTo(const std::string& reference,
                                      const std::function<KernelEvent(std::string)>& event);
  grpc::Status Import(grpc::ServerContext& call,
                      grpc::ServerReader<v1::ImportProfilesRequest>& reader,
                      v1::ImportProfilesResponse& response);
  // Returns the workload of which imported rows are meant; "" for a container without one.
  absl::StatusOr<std::string> ImportedWorkload(const std::string& reference);
  // Returns how many rows were removed.
  absl::StatusOr<size_t> RemoveImported(const std::string& workload);
  // Returns false if nothing was imported for a workload of this name.
  bool AnswerFromImports(const v1::GetProfileRequest& request, const JudgeOptions& options,
                         v1::Profile& response);
  // Returns the name of the requested workload.
  absl::StatusOr<std::string> FindNamedWorkload(grpc::ServerContext& call,
                                                const std::string& reference);
  // Returns the container that was tried: of the image, and as the request names it.
  absl::StatusOr<ProfileSnapshot> SubjectOf(const v1::RecordProofsRequest& request);
  // Completes what a client recorded by what capmond itself saw of it.
  absl::Status CheckAgainstRuns(const v1::RecordProofsRequest& request,
                                std::vector<ProofRecorded>& events);
  grpc::Status Approve(grpc::ServerContext* call, const std::string& reference,
                       WorkloadApproved approval, v1::Baseline* response);
  // Waits until the event loop has applied what was submitted and written it to the store. An error
  // says that it did not get there.
  absl::Status Done();
  v1::Baseline BaselineOf(const std::string& workload);
  // Runs one stream, or fails if there are too many.
  grpc::Status Stream(const std::function<grpc::Status()>& run);

  static grpc::Status Gone() {
    return {grpc::StatusCode::CANCELLED, "the client disconnected: nothing was changed"};
  }
  // Logs a change with its caller and what was there before. Returns the caller's name, by the
  // word of the kernel or of its certificate; "" if it is gone.
  std::string CallerOf(grpc::ServerContext& call, const std::string& what,
                       const std::string& before);
  // What a change replaces, in words for the log.
  std::string EvidenceBefore(const std::string& reference);
  std::string BaselineBefore(const std::string& reference);
  std::string ApprovalBefore(const std::string& workload);
  std::string ProofsBefore(const std::string& workload, const std::vector<ProofRecorded>& events);
  std::string ImportsBefore(const std::vector<RowImported>& rows);

  const ServiceContext context_;
  Peers& peers_;
  const CallSites& sites_;
  const JudgeOptions options_;
  std::atomic<int> streams_ = 0;
  std::atomic<int> imports_ = 0;
  std::mutex importing_;  // held from the look for room until the rows are there
};

}  // namespace capmon
