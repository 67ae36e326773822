// SPDX-License-Identifier: Apache-2.0
// In front of the service: passes on the calls that their caller may make now.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>

#include "daemon/api/calls.h"
#include "daemon/api/service.h"

namespace capmon {

class ApiGate final : public v1::Capmon::Service {
 public:
  // `log` reports refusals.
  ApiGate(capmon::Service& service, Calls& calls, std::function<void(const std::string&)> log)
      : service_(service), calls_(calls), log_(std::move(log)) {}

  using Context = grpc::ServerContext;

  grpc::Status ListContainers(Context* call, const v1::ListContainersRequest* request,
                              v1::ListContainersResponse* response) override {
    return Pass("ListContainers", &S::ListContainers, call, request, response);
  }
  grpc::Status ListWorkloads(Context* call, const v1::ListWorkloadsRequest* request,
                             v1::ListWorkloadsResponse* response) override {
    return Pass("ListWorkloads", &S::ListWorkloads, call, request, response);
  }
  grpc::Status GetProfile(Context* call, const v1::GetProfileRequest* request,
                          v1::Profile* response) override {
    return Pass("GetProfile", &S::GetProfile, call, request, response);
  }
  grpc::Status Explain(Context* call, const v1::ExplainRequest* request,
                       v1::Explanation* response) override {
    return Pass("Explain", &S::Explain, call, request, response);
  }
  grpc::Status GetStatus(Context* call, const v1::GetStatusRequest* request,
                         v1::Status* response) override {
    return Pass("GetStatus", &S::GetStatus, call, request, response);
  }
  grpc::Status ImportProfiles(Context* call, grpc::ServerReader<v1::ImportProfilesRequest>* reader,
                              v1::ImportProfilesResponse* response) override {
    return Pass("ImportProfiles", &S::ImportProfiles, call, reader, response);
  }
  grpc::Status RecordProofs(Context* call, const v1::RecordProofsRequest* request,
                            v1::RecordProofsResponse* response) override {
    return Pass("RecordProofs", &S::RecordProofs, call, request, response);
  }
  grpc::Status ResetProfile(Context* call, const v1::ResetProfileRequest* request,
                            v1::ResetProfileResponse* response) override {
    return Pass("ResetProfile", &S::ResetProfile, call, request, response);
  }
  grpc::Status SetBaseline(Context* call, const v1::SetBaselineRequest* request,
                           v1::SetBaselineResponse* response) override {
    return Pass("SetBaseline", &S::SetBaseline, call, request, response);
  }
  grpc::Status ApproveWorkload(Context* call, const v1::ApproveWorkloadRequest* request,
                               v1::Baseline* response) override {
    return Pass("ApproveWorkload", &S::ApproveWorkload, call, request, response);
  }
  grpc::Status GetBaseline(Context* call, const v1::GetBaselineRequest* request,
                           v1::Baseline* response) override {
    return Pass("GetBaseline", &S::GetBaseline, call, request, response);
  }
  grpc::Status ResetBaseline(Context* call, const v1::ResetBaselineRequest* request,
                             v1::Baseline* response) override {
    return Pass("ResetBaseline", &S::ResetBaseline, call, request, response);
  }
  grpc::Status WatchEvents(Context* call, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::Event>* writer) override {
    return Pass("WatchEvents", &S::WatchEvents, call, request, writer);
  }
  grpc::Status WatchAlerts(Context* call, const v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<v1::Alert>* writer) override {
    return Pass("WatchAlerts", &S::WatchAlerts, call, request, writer);
  }
  grpc::Status ListSinks(Context* call, const v1::ListSinksRequest* request,
                         v1::ListSinksResponse* response) override {
    return Pass("ListSinks", &S::ListSinks, call, request, response);
  }
  grpc::Status TestSink(Context* call, const v1::TestSinkRequest* request,
                        v1::TestSinkResponse* response) override {
    return Pass("TestSink", &S::TestSink, call, request, response);
  }
  grpc::Status FlushSink(Context* call, const v1::FlushSinkRequest* request,
                         v1::FlushSinkResponse* response) override {
    return Pass("FlushSink", &S::FlushSink, call, request, response);
  }

 private:
  using S = capmon::Service;

  template <typename... Arguments>
  grpc::Status Pass(const char* name, grpc::Status (S::*method)(Context*, Arguments...),
                    Context* call, std::type_identity_t<Arguments>... arguments) {
    if (grpc::Status refused = Refusal(name, *call); !refused.ok()) return refused;
    return (service_.*method)(call, arguments...);
  }
  // Returns why the call is refused; OK if it is not.
  grpc::Status Refusal(const char* name, Context& call);

  capmon::Service& service_;
  Calls& calls_;
  const std::function<void(const std::string&)> log_;
  std::atomic<int64_t> logged_ = std::numeric_limits<int64_t>::min() / 2;  // the last refusal
};

}  // namespace capmon
