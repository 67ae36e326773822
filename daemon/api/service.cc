// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/edit_distance.h"
#include "common/utf8.h"
#include "daemon/alert/filter.h"
#include "daemon/alert/rules.h"
#include "daemon/api/status.h"
#include "daemon/health.h"

namespace capmon {
namespace {

// The time until a stream notices that its reader is gone.
constexpr std::chrono::milliseconds kPatience(100);

absl::Status CheckReference(const std::string& reference) {
  if (!reference.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("the request names no container");
}

// What was imported is left out of the answer, but a proof that it withdraws does not hold.
void WithoutImported(WorkloadSnapshot& workload) {
  if (workload.proofs != nullptr && workload.whole == nullptr)
    workload.whole = std::make_shared<const WorkloadSnapshot>(workload);
  workload.imported = nullptr;
}

// Passes every value to `send` until that fails, the reader is gone or the daemon stops.
template <typename Subscription, typename Send>
grpc::Status Follow(grpc::ServerContext& call, Subscription& subscription, Send send) {
  while (!call.IsCancelled() && !subscription.closed()) {
    const auto item = subscription.Next(kPatience);
    if (item && !send(*item)) return grpc::Status::CANCELLED;
  }
  if (call.IsCancelled()) return grpc::Status::CANCELLED;
  return {grpc::StatusCode::UNAVAILABLE, "capmond is stopping"};
}

}  // namespace

Service::Service(ServiceContext context, Peers& peers)
    : context_(std::move(context)),
      peers_(peers),
      sites_(*context_.monitor.With([](Monitor& monitor) { return &monitor.sites(); })),
      options_(context_.monitor.With([](Monitor& monitor) {
        return JudgeOptions{.stable_after = monitor.stable_after(), .complete = monitor.complete()};
      })) {}

void Service::Refresh(grpc::ServerContext& call, const std::string& reference) {
  if (!context_.refresh(reference)) call.AddTrailingMetadata(kStaleAnswer, "1");
}

absl::StatusOr<Profile> Service::Find(grpc::ServerContext& call, const std::string& reference) {
  if (absl::Status status = CheckReference(reference); !status.ok()) return status;
  Refresh(call, reference);
  const auto snapshot =
      context_.monitor.With([&](Monitor& monitor) { return monitor.SnapshotOf(reference); });
  if (!snapshot.ok()) return snapshot.status();
  return snapshot->Joined();
}

absl::StatusOr<WorkloadSnapshot> Service::FindWorkload(grpc::ServerContext& call,
                                                       const std::string& reference, bool instance,
                                                       bool refresh) {
  if (absl::Status status = CheckReference(reference); !status.ok()) return status;
  if (refresh) Refresh(call, reference);
  return context_.monitor.With(
      [&](Monitor& monitor) { return monitor.WorkloadOf(reference, instance); });
}

absl::StatusOr<std::string> Service::ApplyTo(const std::string& reference,
                                             const std::function<KernelEvent(std::string)>& event) {
  if (absl::Status status = CheckReference(reference); !status.ok()) return status;
  context_.refresh("");
  auto key = context_.monitor.With([&](Monitor& monitor) { return monitor.KeyOf(reference); });
  if (!key.ok()) return key;
  if (absl::Status status = context_.submit({event(*key)}); !status.ok()) return status;
  if (absl::Status status = Done(); !status.ok()) return status;
  return key;
}

absl::Status Service::Done() {
  if (!context_.refresh(""))
    return absl::AbortedError("capmond is busy: the request is queued and not done yet");
  const std::string failure = StoreFailure(context_.keeps());
  if (failure.empty()) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("it is done, but could not be stored, and is undone if capmond stops before it "
                   "can be: ",
                   failure));
}

grpc::Status Service::Stream(const std::function<grpc::Status()>& run) {
  const bool room = ++streams_ <= kMaxStreams;
  grpc::Status status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                      absl::StrCat("all ", kMaxStreams, " streams are open; close another one"));
  if (room) status = run();
  --streams_;
  return status;
}

grpc::Status Service::ListContainers(grpc::ServerContext* call,
                                     const v1::ListContainersRequest* request,
                                     v1::ListContainersResponse* response) {
  Refresh(*call);
  const bool folded = request->include_folded();
  ProvenWorkloads proven;
  const auto snapshots = context_.monitor.With([&](Monitor& monitor) {
    proven = monitor.Proven();
    return monitor.Snapshots(folded);
  });
  WorkloadJudge judge(sites_, options_);
  for (const ProfileSnapshot& snapshot : snapshots) {
    if (snapshot.container.removed != 0 && !request->include_ended()) continue;
    const WorkloadSnapshot single = OneOf(snapshot, proven);
    const JudgedWorkload judged = JudgeNewest(single, judge);
    *response->add_containers() = Summarize(judged.instances.front(), judged.judgement);
  }
  return grpc::Status::OK;
}

grpc::Status Service::ListWorkloads(grpc::ServerContext* call,
                                    const v1::ListWorkloadsRequest* request,
                                    v1::ListWorkloadsResponse* response) {
  Refresh(*call);
  std::map<std::string, ApprovedNeeds> approved;
  SharedProofs proofs;
  std::shared_ptr<const ImportedRows> imported;
  std::set<std::string> known;
  const auto snapshots = context_.monitor.With([&](Monitor& monitor) {
    approved = monitor.Approved();
    proofs = monitor.AllProofs();
    imported = monitor.Imported();
    return monitor.Snapshots(/*folded=*/true);
  });
  for (WorkloadSnapshot& workload : ByWorkload(snapshots)) {
    if (!request->include_ended() && !workload.versions.front().runs()) continue;
    workload.imported = imported;
    if (const auto word = approved.find(workload.name()); word != approved.end())
      workload.approved = word->second;
    if (const auto proven = proofs.find(workload.name()); proven != proofs.end())
      workload.proofs = proven->second;
    *response->add_workloads() = Summarize(JudgeNewest(workload, sites_, options_));
    known.insert(workload.name());
  }
  for (const std::string& workload : WorkloadsIn(*imported))
    if (request->include_ended() && !known.contains(workload))
      *response->add_workloads() = SummaryOfImported(*imported, workload, options_);
  for (v1::WorkloadSummary& row : *response->mutable_workloads())
    row.mutable_workload()->set_cluster(ToUtf8(context_.place.cluster));
  return grpc::Status::OK;
}

grpc::Status Service::GetProfile(grpc::ServerContext* call, const v1::GetProfileRequest* request,
                                 v1::Profile* response) {
  JudgeOptions options = options_;
  options.strict_minimal = request->strict_minimal();
  options.assume_unused = request->assume_unused();
  if (request->stable_after_seconds() > 0)
    options.stable_after = static_cast<TimeNs>(request->stable_after_seconds()) * kSecond;
  if (request->only_imported())
    return AnswerFromImports(*request, options, *response)
               ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::NOT_FOUND,
                              absl::StrCat("nothing was imported for ", request->container()));
  auto workload =
      FindWorkload(*call, request->container(), request->instance(), !request->without_refresh());
  if (absl::IsNotFound(workload.status()) && AnswerFromImports(*request, options, *response))
    return grpc::Status::OK;
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  if (request->without_imported()) WithoutImported(*workload);
  *response = ToProto(JudgeNewest(*workload, sites_, options, /*with_before=*/true),
                      request->include_evidence());
  response->set_node(ToUtf8(context_.place.node));
  response->mutable_workload()->set_cluster(ToUtf8(context_.place.cluster));
  return grpc::Status::OK;
}

grpc::Status Service::Explain(grpc::ServerContext* call, const v1::ExplainRequest* request,
                              v1::Explanation* response) {
  const auto capability = ParseCapability(request->capability());
  if (!capability)
    return ToGrpcStatus(absl::InvalidArgumentError(
        absl::StrCat("there is no capability \"", request->capability(), "\"")));
  const auto workload = FindWorkload(*call, request->container(), request->instance());
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  *response = capmon::Explain(JudgeNewest(*workload, sites_, options_), *capability);
  return grpc::Status::OK;
}

grpc::Status Service::GetStatus(grpc::ServerContext* call, const v1::GetStatusRequest*,
                                v1::Status* response) {
  Refresh(*call);
  auto status = context_.monitor.With([](Monitor& monitor) { return monitor.Status(); });
  status.counters.merge(context_.counters());
  *response = ToProto(status, context_.layers(), context_.keeps(), context_.health());
  response->set_cluster(ToUtf8(context_.place.cluster));
  response->set_node(ToUtf8(context_.place.node));
  AddSinks(context_.sinks, *response);
  response->set_metrics(context_.metrics);
  return grpc::Status::OK;
}

grpc::Status Service::SetBaseline(grpc::ServerContext* call, const v1::SetBaselineRequest* request,
                                  v1::SetBaselineResponse* response) {
  if (CallerOf(*call, absl::StrCat("baseline set of ", absl::CHexEscape(request->container())),
               BaselineBefore(request->container()))
          .empty())
    return Gone();
  const auto key = ApplyTo(request->container(), [](std::string c) {
    return BaselineSet{0, std::move(c)};
  });
  if (!key.ok()) return ToGrpcStatus(key.status());
  const auto instance = context_.monitor.With(
      [&](Monitor& monitor) { return monitor.WorkloadOf(request->container(), true); });
  if (!instance.ok()) return {grpc::StatusCode::NOT_FOUND, "the container was evicted meanwhile"};
  const JudgedWorkload judged = JudgeNewest(*instance, sites_, options_);
  for (const Capability capability : judged.judgement.recommendation.keep.members())
    response->add_used(CapabilityName(capability));
  return grpc::Status::OK;
}

absl::StatusOr<std::string> Service::FindNamedWorkload(grpc::ServerContext& call,
                                                       const std::string& reference) {
  const auto workload = FindWorkload(call, reference, /*instance=*/false);
  if (!workload.ok()) return workload.status();
  if (workload->identity) return Print(workload->identity->workload);
  return absl::FailedPreconditionError(
      absl::StrCat("\"", reference,
                   "\" is an instance of no workload: no name of it is known that "
                   "would outlive it"));
}

grpc::Status Service::Approve(grpc::ServerContext* call, const std::string& reference,
                              WorkloadApproved approval, v1::Baseline* response) {
  const auto workload = FindNamedWorkload(*call, reference);
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  approval.workload = *workload;
  approval.by = CallerOf(
      *call, absl::StrCat(approval.withdrawn ? "approval withdrawn of " : "approved: ", *workload),
      ApprovalBefore(*workload));
  if (approval.by.empty()) return Gone();
  if (!context_.monitor.With([&](Monitor& monitor) { return monitor.CanApprove(*workload); }))
    return ToGrpcStatus(absl::ResourceExhaustedError(absl::StrCat(
        "approve ", *workload, ": ", kMaxApprovals, " workloads are approved already")));
  absl::Status status = context_.submit({approval});
  if (status.ok()) status = Done();
  if (!status.ok()) return ToGrpcStatus(status);
  *response = BaselineOf(*workload);
  return grpc::Status::OK;
}

v1::Baseline Service::BaselineOf(const std::string& workload) {
  std::set<std::string> uses;
  const auto approval = context_.monitor.With([&](Monitor& monitor) {
    uses = monitor.NormalUsesOf(workload);
    return monitor.ApprovalOf(workload);
  });
  return ToProto(workload, approval, uses);
}

grpc::Status Service::ApproveWorkload(grpc::ServerContext* call,
                                      const v1::ApproveWorkloadRequest* request,
                                      v1::Baseline* response) {
  return Approve(call, request->workload(), {}, response);
}

grpc::Status Service::ResetBaseline(grpc::ServerContext* call,
                                    const v1::ResetBaselineRequest* request,
                                    v1::Baseline* response) {
  WorkloadApproved withdrawn;
  withdrawn.withdrawn = true;
  return Approve(call, request->workload(), std::move(withdrawn), response);
}

grpc::Status Service::GetBaseline(grpc::ServerContext* call, const v1::GetBaselineRequest* request,
                                  v1::Baseline* response) {
  const auto workload = FindNamedWorkload(*call, request->workload());
  if (!workload.ok()) return ToGrpcStatus(workload.status());
  *response = BaselineOf(*workload);
  return grpc::Status::OK;
}

grpc::Status Service::WatchEvents(grpc::ServerContext* call, const v1::WatchEventsRequest* request,
                                  grpc::ServerWriter<v1::Event>* writer) {
  return Stream([&]() -> grpc::Status {
    std::string only;  // the key of the requested container; empty: all
    if (!request->container().empty()) {
      const auto profile = Find(*call, request->container());
      if (!profile.ok()) return ToGrpcStatus(profile.status());
      only = profile->container.key;
    }
    const auto subscription = context_.events.Subscribe();
    writer->SendInitialMetadata();  // later drops are reported
    uint64_t dropped = 0;
    return Follow(*call, *subscription, [&](const auto& item) {
      dropped += item.dropped;
      const WatchedEvent& event = item.value;
      if (!only.empty() && event.container.key != only) return true;
      if (!request->include_noise() && TraitsOf(event.evidence.verdict).without_need) return true;
      return writer->Write(ToProto(event, std::exchange(dropped, 0)));
    });
  });
}

namespace {

constexpr size_t kMostShown = 60;  // of what a client wrote

// Empty texts filter nothing.
absl::Status CheckFilter(const v1::WatchAlertsRequest& request) {
  constexpr size_t kLongest = 1024;
  for (const auto& [name, text] :
       {std::pair("workload", &request.workload()), std::pair("rule", &request.rule()),
        std::pair("container", &request.container()), std::pair("severity", &request.severity())})
    if (text->size() > kLongest)
      return absl::InvalidArgumentError(absl::StrCat("the filter by ", name, " has ", text->size(),
                                                     " bytes; write at most ", kLongest));
  if (request.rule().empty() || FindAlertRule(request.rule()) != nullptr) return absl::OkStatus();
  const std::string wanted = absl::AsciiStrToUpper(request.rule().substr(0, kMostShown));
  const auto nearest = std::ranges::min_element(
      AlertRules(), {}, [&](const AlertRule& rule) { return EditDistance(wanted, rule.id); });
  return absl::InvalidArgumentError(
      absl::StrCat("there is no rule \"", request.rule().substr(0, kMostShown), "\"; did you mean ",
                   nearest->id, "? docs/alert-rules.md lists all"));
}

absl::StatusOr<AlertFilter> FilterOf(const v1::WatchAlertsRequest& request) {
  if (absl::Status status = CheckFilter(request); !status.ok()) return status;
  AlertFilter filter;
  filter.workload = request.workload();
  filter.rule = request.rule();
  filter.container = request.container();
  if (request.has_since())
    filter.since = request.since().seconds() * kSecond + request.since().nanos();
  if (request.severity().empty()) return filter;
  const std::optional<Severity> severity = ParseSeverity(request.severity());
  if (!severity)
    return absl::InvalidArgumentError(
        absl::StrCat("there is no severity \"", request.severity().substr(0, kMostShown),
                     "\"; they are info, low, medium, high and critical"));
  filter.at_least = *severity;
  return filter;
}

}  // namespace

grpc::Status Service::WatchAlerts(grpc::ServerContext* call, const v1::WatchAlertsRequest* request,
                                  grpc::ServerWriter<v1::Alert>* writer) {
  return Stream([&]() -> grpc::Status {
    const absl::StatusOr<AlertFilter> filter = FilterOf(*request);
    if (!filter.ok()) return ToGrpcStatus(filter.status());
    Refresh(*call);
    std::vector<Alert> past;
    const auto subscription = context_.monitor.With([&](Monitor& monitor) {
      past = monitor.PastAlerts();
      return context_.alerts.Subscribe();
    });
    writer->SendInitialMetadata();
    if (request->include_past() || request->past_only())
      for (const Alert& alert : Select(*filter, past))
        if (!writer->Write(ToProto(alert, 0))) return grpc::Status::CANCELLED;
    if (request->past_only()) return grpc::Status::OK;
    uint64_t dropped = 0;
    return Follow(*call, *subscription, [&](const auto& item) {
      dropped += item.dropped;
      if (!filter->Fits(item.value)) return true;
      return writer->Write(ToProto(item.value, std::exchange(dropped, 0)));
    });
  });
}

}  // namespace capmon
