// SPDX-License-Identifier: Apache-2.0
#include "tests/api/live_server.h"

#include <gtest/gtest.h>

namespace capmon {

LiveServer::LiveServer(size_t backlog, Monitor::Options options)
    : alerts(backlog), events(backlog), monitor(CallSites::BuiltIn(), options) {
  monitor.With([&](Monitor& m) {
    m.OnAlert([&](const Alert& alert) { alerts.Publish(alert); });
    m.OnWatch([&](const WatchedEvent& event) { events.Publish(event); });
  });
  SourceStarted started;
  started.time = kStart;
  started.backend = "replay";
  started.kernel = "6.1.0";
  started.cgroup_layout = "v2";
  started.blind_spots = {"nothing is real here"};
  Feed(started);
  Server::Options serving;
  serving.address = address();
  serving.access.operators.users = {kOperator};
  auto made = Server::Start(serving, served());
  if (made.ok()) server = *std::move(made);
  EXPECT_NE(server, nullptr) << made.status();
}

ServiceContext LiveServer::served() {
  return {monitor,
          alerts,
          events,
          [this](const std::string&) { return Refresh(); },
          [] {
            return std::vector<Layer>{{"cgroup", "ok", ""}, {"docker", "absent", "not here"}};
          },
          [this] { return health.With([](const HealthState& state) { return state; }); },
          [this](std::vector<KernelEvent> batch) { return requests.Submit(std::move(batch)); },
          [this] { return keeps.With([](const std::vector<Layer>& all) { return all; }); },
          [] { return std::map<std::string, uint64_t>(); },
          {"here", "node-1"}};
}

std::shared_ptr<grpc::Channel> LiveServer::Channel() const {
  grpc::ChannelArguments options;
  options.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(GrpcTarget(socket()), grpc::InsecureChannelCredentials(),
                                   options);
}

std::unique_ptr<v1::Capmon::Stub> LiveServer::Stub() const {
  return v1::Capmon::NewStub(Channel());
}

void LiveServer::Feed(const KernelEvent& event) {
  monitor.With([&](Monitor& m) { m.Apply(event); });
}

bool LiveServer::Refresh() {
  ++refreshes;
  if (busy) return false;
  for (const KernelEvent& event : requests.Drain(now_)) Feed(event);
  return true;
}

void LiveServer::AddContainer(CgroupId cgroup, char letter, const std::string& name,
                              const std::string& workload, char image) {
  const std::string id = ContainerId(letter);
  now_ += kSecond;
  Feed(CgroupMade{now_, cgroup, "/docker/" + id, false});
  ContainerDescribed described;
  described.time = now_;
  described.container_id = id;
  described.source = "docker";
  described.name = name;
  described.image = "nginx:1";
  described.workload = workload;
  if (image != '\0') described.image_digest = "sha256:" + std::string(64, image);
  Feed(described);
  ProcessExec exec;
  exec.time = now_;
  exec.cgroup = cgroup;
  exec.pid = 4242;
  exec.comm = "nginx";
  exec.path = "/usr/sbin/nginx";
  exec.exe = 7;
  exec.arguments = arguments;
  exec.exe_origin = ExeOrigin::kOwn;
  exec.permitted = exec.effective = exec.bounding = given;
  Feed(exec);
  Feed(Tick{now_});
}

void LiveServer::AddChecks(CgroupId cgroup, Capability capability, bool granted, uint64_t count) {
  now_ += kSecond;
  CheckKey key;
  key.cgroup = cgroup;
  key.capability = capability;
  key.granted = granted;
  key.traits = static_cast<uint16_t>(kOptionsKnown | (granted ? kHeld : 0));
  key.exe_origin = ExeOrigin::kOwn;
  key.exe = 7;
  key.site = "a_function_nobody_reviewed";
  key.syscall = "ioctl";
  Feed(ChecksCounted{now_, key, {.count = count}});
  CheckSampled sampled;
  sampled.time = now_;
  sampled.key = key;
  sampled.pid = 4242;
  sampled.comm = "ngi\xffnx";  // a program can choose any name
  sampled.binary = "nginx";
  sampled.callers = {"vfs_ioctl"};
  Feed(sampled);
  Feed(Tick{now_});
}

void LiveServer::EndContainer(CgroupId cgroup) {
  now_ += kSecond;
  Feed(CgroupRemoved{now_, cgroup});
  now_ += kSecond;
  Feed(Tick{now_});
}

std::string ContainerId(char letter) { return std::string(64, letter); }

CapabilitySet DockerDefaults() { return CapabilitySet(0xa80425fb); }

}  // namespace capmon
