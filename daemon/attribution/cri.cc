// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cri.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/cri_answer.h"
#include "daemon/attribution/workload_identity.h"
#include "daemon/base/wall_clock.h"
#include "runtime/v1/cri.grpc.pb.h"

namespace capmon {

namespace v1 = runtime::v1;

namespace {

constexpr int kMaxAnswer = 16 << 20;

absl::Status ToStatus(const grpc::Status& status, const std::string& socket, const char* what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text =
      absl::StrCat("query ", socket, " for ", what, ": ", status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED: return absl::CancelledError(text);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(
          absl::StrCat("query ", socket, " for ", what, ": no answer in time"));
    // The CRI plugin may be disabled, for example where only Docker uses containerd.
    case grpc::StatusCode::UNIMPLEMENTED: return absl::UnimplementedError(text);
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return absl::ResourceExhaustedError(text);
    default: break;
  }
  if (absl::StrContains(status.error_message(), "Connection refused"))
    return absl::NotFoundError(text);
  return absl::UnavailableError(text);
}

// Annotations can make the list of pods too long for one answer; each pod can still be queried.
bool Unlistable(const absl::Status& status) {
  return !status.ok() && !absl::IsResourceExhausted(status);
}

}  // namespace

struct CriSource::Connection {
  explicit Connection(const std::string& path) : socket(path) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxAnswer);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub = v1::RuntimeService::NewStub(
        grpc::CreateCustomChannel("unix://" + path, grpc::InsecureChannelCredentials(), arguments));
  }

  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (v1::RuntimeService::Stub::*method)(grpc::ClientContext*,
                                                                     const Request&, Response*),
                    const char* what, const Request& request, Response& response,
                    std::chrono::milliseconds patience, std::stop_token stop) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
    return ToStatus((stub.get()->*method)(&context, request, &response), socket, what);
  }

  const std::string socket;
  std::unique_ptr<v1::RuntimeService::Stub> stub;
  std::string runtime;  // "containerd", "cri-o", "docker"
};

CriSource::~CriSource() = default;

bool CriSource::Handles(const ContainerRef& wanted) const { return IsLongId(wanted.id); }

absl::Status CriSource::Connect(std::stop_token stop) {
  absl::Status worst = absl::NotFoundError(absl::StrCat(
      "find a CRI socket: none of ", absl::StrJoin(options_.sockets, ", "), " is there"));
  for (const std::string& socket : options_.sockets) {
    std::error_code error;
    if (!std::filesystem::is_socket(socket, error)) continue;
    auto connection = std::make_shared<Connection>(socket);
    v1::VersionResponse version;
    const absl::Status status =
        connection->Call(&v1::RuntimeService::Stub::Version, "its version", v1::VersionRequest(),
                         version, options_.patience, stop);
    if (status.ok()) {
      connection->runtime = version.runtime_name();
      std::lock_guard lock(mutex_);
      connection_ = std::move(connection);
      return status;
    }
    if (absl::IsCancelled(status)) return status;
    // The runtime answers but has no pods.
    worst = absl::IsUnimplemented(status) ? absl::NotFoundError(status.message()) : status;
  }
  return worst;
}

absl::Status CriSource::ListAll(const Answers& answers, std::stop_token stop) {
  const absl::Status connected = Connect(stop);
  if (!connected.ok()) return connected;
  inspected_.clear();
  return List(answers, stop);
}

// Also finds changes if the runtime sends no events.
absl::Status CriSource::Check(const Answers& answers, std::stop_token stop) {
  return List(answers, stop);
}

absl::Status CriSource::List(const Answers& answers, std::stop_token stop) {
  v1::ListPodSandboxResponse pods;
  absl::Status status =
      connection_->Call(&v1::RuntimeService::Stub::ListPodSandbox, "its pods",
                        v1::ListPodSandboxRequest(), pods, options_.patience, stop);
  if (Unlistable(status)) return status;
  sandboxes_.clear();
  for (const v1::PodSandbox& pod : pods.items()) {
    if (sandboxes_.size() >= kMaxKnown) break;
    if (!IsLongId(pod.id())) continue;
    sandboxes_[pod.id()] = Describe(pod);
    answers.emit(sandboxes_[pod.id()]);
  }
  v1::ListContainersResponse containers;
  status = connection_->Call(&v1::RuntimeService::Stub::ListContainers, "its containers",
                             v1::ListContainersRequest(), containers, options_.patience, stop);
  if (Unlistable(status)) return status;
  if (inspected_.size() >= kMaxKnown) inspected_.clear();
  for (const v1::Container& container : containers.containers()) {
    if (!IsLongId(container.id())) continue;
    answers.emit(Describe(container));
    if (container.state() == 1 && inspected_.insert(container.id()).second)
      answers.inspect_later(container.id());
  }
  return absl::OkStatus();
}

absl::Status CriSource::LearnSandbox(const std::string& id, std::stop_token stop) {
  if (sandboxes_.contains(id)) return absl::OkStatus();
  v1::ListPodSandboxRequest request;
  request.mutable_filter()->set_id(id);
  v1::ListPodSandboxResponse pods;
  const absl::Status status = connection_->Call(&v1::RuntimeService::Stub::ListPodSandbox, "a pod",
                                                request, pods, options_.patience, stop);
  for (const v1::PodSandbox& pod : pods.items())
    if (pod.id() == id && sandboxes_.size() < kMaxKnown) sandboxes_[id] = Describe(pod);
  return status;
}

absl::StatusOr<Found> CriSource::Inspect(const ContainerRef& wanted, const Answers& answers,
                                         std::stop_token stop) {
  v1::ListContainersRequest request;
  request.mutable_filter()->set_id(wanted.id);
  v1::ListContainersResponse listed;
  absl::Status status = connection_->Call(&v1::RuntimeService::Stub::ListContainers, "a container",
                                          request, listed, options_.patience, stop);
  if (!status.ok()) return status;
  if (listed.containers_size() != 1 || listed.containers(0).id() != wanted.id) {
    status = LearnSandbox(wanted.id, stop);
    if (!status.ok()) return status;
    const auto sandbox = sandboxes_.find(wanted.id);
    if (sandbox == sandboxes_.end()) return Found::kNotYet;
    answers.emit(sandbox->second);
    return Found::kYes;
  }
  const v1::Container& container = listed.containers(0);
  status = LearnSandbox(container.pod_sandbox_id(), stop);
  if (!status.ok()) return status;
  v1::ContainerStatusRequest about;
  about.set_container_id(wanted.id);
  about.set_verbose(true);
  v1::ContainerStatusResponse closer;
  status = connection_->Call(&v1::RuntimeService::Stub::ContainerStatus, "a container's status",
                             about, closer, options_.patience, stop);
  ContainerDescribed described = Describe(container);
  // The container may be gone meanwhile; what is known of it is still reported.
  if (const auto info = closer.info().find("info"); status.ok() && info != closer.info().end())
    AddCriInfo(info->second, described);
  answers.emit(std::move(described));
  return Found::kYes;
}

absl::Status CriSource::Watch(const std::function<void(const std::string& id)>& changed,
                              std::stop_token stop) {
  std::shared_ptr<Connection> connection;
  {
    std::lock_guard lock(mutex_);
    connection = connection_;
  }
  if (!connection) return absl::OkStatus();
  grpc::ClientContext context;
  const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
  const auto reader = connection->stub->GetContainerEvents(&context, v1::GetEventsRequest());
  v1::ContainerEventResponse event;
  while (reader->Read(&event))
    if (IsLongId(event.container_id())) changed(event.container_id());
  return ToStatus(reader->Finish(), connection->socket, "its events");
}

ContainerDescribed CriSource::Describe(const v1::PodSandbox& sandbox) const {
  ContainerDescribed described =
      DescribePod({sandbox.metadata().name(),
                   sandbox.metadata().namespace_(),
                   sandbox.metadata().uid(),
                   {sandbox.labels().begin(), sandbox.labels().end()},
                   {sandbox.annotations().begin(), sandbox.annotations().end()}});
  described.time = WallClock();
  described.container_id = sandbox.id();
  described.runtime = Bounded(connection_->runtime);
  described.name = kSandboxName;
  return described;
}

ContainerDescribed CriSource::Describe(const v1::Container& container) const {
  const auto sandbox = sandboxes_.find(container.pod_sandbox_id());
  ContainerDescribed described;
  if (sandbox != sandboxes_.end()) {
    described = sandbox->second;
  } else {
    const auto label = [&](const char* name) {
      const auto found = container.labels().find(name);
      return found == container.labels().end() ? "" : found->second;
    };
    described = DescribePod({label("io.kubernetes.pod.name"),
                             label("io.kubernetes.pod.namespace"),
                             label("io.kubernetes.pod.uid"),
                             {},
                             {}});
    described.time = WallClock();
    described.runtime = Bounded(connection_->runtime);
  }
  described.container_id = container.id();
  described.name = Bounded(container.metadata().name());
  described.image_digest = ImageDigest(container.image_ref());
  described.image = CriImage(container.image().user_specified_image(), container.image().image());
  return described;
}

}  // namespace capmon
