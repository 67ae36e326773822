// SPDX-License-Identifier: Apache-2.0
#include "tests/support/containerd_daemon.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "cri_client.grpc.pb.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

namespace v1 = runtime::v1;
using nlohmann::json;

std::string Configuration(const TempDir& directory) {
  return "version = 2\nroot = \"" + directory / "root" + "\"\nstate = \"" +
         directory / "run/containerd" + "\"\n[grpc]\n  address = \"" + directory / "c.sock" +
         "\"\n[plugins.\"io.containerd.internal.v1.opt\"]\n  path = \"" + directory / "opt" +
         "\"\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  restrict_oom_score_adj = true\n"
         "  disable_apparmor = true\n  sandbox_image = \"" +
         ContainerdDaemon::kImage +
         "\"\n"
         "  [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n    snapshotter = \"native\"\n";
}

std::unique_ptr<v1::RuntimeService::Stub> Connect(const std::string& socket) {
  return v1::RuntimeService::NewStub(
      grpc::CreateChannel("unix://" + socket, grpc::InsecureChannelCredentials()));
}

absl::Status Failed(const std::string& what, const grpc::Status& status) {
  return absl::InternalError(what + ": " + status.error_message());
}

v1::PodSandboxConfig PodOf(const PodSpec& spec) {
  v1::PodSandboxConfig pod;
  pod.mutable_metadata()->set_name(spec.name);
  pod.mutable_metadata()->set_namespace_(spec.name_space);
  pod.mutable_metadata()->set_uid("6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8");
  (*pod.mutable_labels())["pod-template-hash"] = spec.template_hash;
  pod.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(2);
  return pod;
}

}  // namespace

absl::StatusOr<ContainerdDaemon> ContainerdDaemon::Start(const std::string& rootfs) {
  auto directory = std::make_unique<TempDir>();
  if (!WriteFile(*directory / "config.toml", Configuration(*directory)))
    return absl::InternalError("write a configuration for containerd");
  auto process = ChildProcess::Start({"containerd", "-c", *directory / "config.toml"});
  if (!process.ok()) return process.status();
  ContainerdDaemon daemon(std::move(directory), *std::move(process));
  const bool answers = Eventually(
      [&] { return !daemon.process_.Running() || daemon.Ctr({"version"}).exit_code == 0; },
      std::chrono::seconds(60));
  if (!answers || !daemon.process_.Running())
    return absl::UnavailableError("start containerd: " + daemon.process_.err());
  const absl::Status imported = daemon.Import(rootfs);
  if (!imported.ok()) return imported;
  return daemon;
}

ContainerdDaemon::~ContainerdDaemon() {
  if (directory_ == nullptr) return;
  const auto stub = Connect(socket());
  for (const std::string& pod : pods_) {
    v1::RemovePodSandboxRequest request;
    request.set_pod_sandbox_id(pod);
    v1::Nothing nothing;
    grpc::ClientContext stopping, removing;
    stub->StopPodSandbox(&stopping, request, &nothing);
    stub->RemovePodSandbox(&removing, request, &nothing);
  }
  std::istringstream tasks(Ctr({"tasks", "ls", "-q"}).out);
  for (std::string task; tasks >> task;) Ctr({"tasks", "rm", "-f", task});
  process_.Signal(SIGTERM);
  if (!process_.Wait().ok()) process_.Signal(SIGKILL);
}

Outcome ContainerdDaemon::Ctr(const std::vector<std::string>& arguments) const {
  std::vector<std::string> line = {"ctr", "-a", socket()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return RunProgram(line);
}

// In the layout of `docker save`.
absl::Status ContainerdDaemon::Import(const std::string& rootfs) const {
  const TempDir image;
  std::filesystem::create_directories(image / "layer");
  const std::string layer = image / "layer/layer.tar";
  if (RunProgram({"tar", "-C", rootfs, "-cf", layer, "."}).exit_code != 0)
    return absl::InternalError("pack " + rootfs);
  const std::string digest = RunProgram({"sha256sum", layer}).out.substr(0, 64);
  const json config = {{"architecture", "amd64"},
                       {"os", "linux"},
                       {"config", {{"Cmd", {"/bin/sleep", "3600"}}, {"Env", {"PATH=/bin"}}}},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", {"sha256:" + digest}}}},
                       {"history", json::array({json::object()})}};
  const json manifest = json::array({{{"Config", "config.json"},
                                      {"RepoTags", json::array({kImage})},
                                      {"Layers", json::array({"layer/layer.tar"})}}});
  WriteFile(image / "config.json", config.dump());
  WriteFile(image / "manifest.json", manifest.dump());
  const std::string archive = image / "image.tar";
  const Outcome packed = RunProgram(
      {"tar", "-C", image.path(), "-cf", archive, "manifest.json", "config.json", "layer"});
  const Outcome imported = Ctr({"-n", "k8s.io", "images", "import", archive});
  if (packed.exit_code == 0 && imported.exit_code == 0) return absl::OkStatus();
  return absl::InternalError("import an image: " + packed.err + imported.err);
}

absl::StatusOr<std::string> ContainerdDaemon::RunPod(const PodSpec& spec) {
  v1::CreateContainerRequest create;
  v1::ContainerConfig& config = *create.mutable_config();
  for (const std::string& word : spec.command) config.add_command(word);
  auto& security = *config.mutable_linux()->mutable_security_context();
  security.mutable_namespace_options()->set_network(2);
  for (const std::string& name : spec.drop)
    security.mutable_capabilities()->add_drop_capabilities(name);
  const auto stub = Connect(socket());
  v1::RunPodSandboxRequest run;
  *run.mutable_config() = PodOf(spec);
  v1::RunPodSandboxResponse sandbox;
  grpc::ClientContext running;
  grpc::Status status = stub->RunPodSandbox(&running, run, &sandbox);
  if (!status.ok()) return Failed("run a pod", status);
  pods_.push_back(sandbox.pod_sandbox_id());

  create.set_pod_sandbox_id(sandbox.pod_sandbox_id());
  *create.mutable_sandbox_config() = run.config();
  config.mutable_metadata()->set_name(spec.container);
  config.mutable_image()->set_image(kImage);
  v1::CreateContainerResponse created;
  grpc::ClientContext creating;
  status = stub->CreateContainer(&creating, create, &created);
  if (!status.ok()) return Failed("create a container", status);

  v1::StartContainerRequest start;
  start.set_container_id(created.container_id());
  v1::Nothing nothing;
  grpc::ClientContext starting;
  status = stub->StartContainer(&starting, start, &nothing);
  if (!status.ok()) return Failed("start a container", status);
  return created.container_id();
}

}  // namespace capmon
