// SPDX-License-Identifier: Apache-2.0
// What to restart, in which order, and with which command.
#include "client/render/restart_plan.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "client/render/restart_command.h"

namespace capmon {
namespace {

const std::string kId(64, 'a');

// A container that ran before capmond.
v1::Container Docker(const std::string& name, const std::string& workload) {
  v1::Container c;
  c.set_kind("container");
  c.set_id(kId);
  c.set_name(name);
  c.set_runtime("docker");
  c.set_workload_name(workload);
  c.set_cgroup_path("/docker/" + kId);
  return c;
}

v1::Container Podman(const std::string& path, const std::string& workload) {
  v1::Container c = Docker("web", workload);
  c.set_runtime("podman");
  c.set_cgroup_path(path);
  return c;
}

v1::Container InPod(const std::string& workload) {
  v1::Container c = Docker("nginx", "shop/" + workload + "/nginx");
  c.set_runtime("containerd");
  c.set_pod("web-1");
  c.set_namespace_("shop");
  c.set_workload(workload);
  return c;
}

v1::WorkloadSummary Row(const v1::Container& container, uint32_t running, int unknown) {
  v1::WorkloadSummary row;
  row.mutable_workload()->set_name(container.workload_name());
  row.mutable_workload()->set_instances(running);
  row.mutable_workload()->set_running(running);
  *row.mutable_summary()->mutable_container() = container;
  const std::vector<std::string> held = {"CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"};
  for (const std::string& one : held) row.mutable_summary()->add_held_set(one);
  for (int i = 0; i < unknown; ++i)
    row.mutable_summary()->add_unknown(held[static_cast<size_t>(i)]);
  row.mutable_summary()->mutable_confidence()->add_open_conditions("why");
  return row;
}

std::string Command(const v1::Container& container) {
  const RestartCommand how = HowToRestart(container);
  EXPECT_NE(how.command.empty(), how.instead.empty());
  return how.command.empty() ? "none: " + how.instead : how.command;
}

TEST(RestartCommand, IsTheEnginesOwn) {
  EXPECT_EQ(Command(Docker("old", "docker:old")), "docker restart old");
  EXPECT_EQ(Command(Docker("shop-web-1", "compose:shop/web")),
            "docker compose -p shop restart web");
  EXPECT_EQ(Command(Docker("shop_web.1.x", "swarm:shop_web")),
            "docker service update --force shop_web");
  EXPECT_EQ(Command(Docker("zen_hopper", "image:nginx+/run.sh")), "docker restart zen_hopper");
  EXPECT_EQ(Command(Podman("/machine.slice/libpod-" + kId + ".scope", "podman:web")),
            "podman restart web");
  v1::Container other = Docker("web", "~run-docker2.sock/docker:web");
  other.set_engine("/run/docker2.sock");
  EXPECT_EQ(Command(other), "docker -H unix:///run/docker2.sock restart web");
}

TEST(RestartCommand, OfAUserIsTheUsers) {
  const std::string slice = "/user.slice/user-1000.slice/user@1000.service/";
  EXPECT_EQ(Command(Podman(slice + "user.slice/libpod-" + kId + ".scope", "~1000/podman:web")),
            "sudo -u '#1000' XDG_RUNTIME_DIR=/run/user/1000 podman restart web");
  EXPECT_EQ(
      Command(Podman(slice + "app.slice/web.service/libpod-payload-" + kId, "~1000/podman:web")),
      "sudo -u '#1000' XDG_RUNTIME_DIR=/run/user/1000 systemctl --user restart web.service");
  EXPECT_EQ(Command(Docker("web", "~1000/docker:web")),
            "docker -H unix:///run/user/1000/docker.sock restart web");
}

TEST(RestartCommand, OfAContainerInAUnitIsTheUnits) {
  EXPECT_EQ(Command(Podman("/system.slice/web.service/libpod-payload-" + kId,
                           "~web.service/podman:systemd-web")),
            "systemctl restart web.service");
}

TEST(RestartCommand, OfAPodIsItsControllers) {
  EXPECT_EQ(Command(InPod("deploy/web")), "kubectl -n shop rollout restart deploy/web");
  EXPECT_EQ(Command(InPod("ds/agent")), "kubectl -n shop rollout restart ds/agent");
  EXPECT_EQ(Command(InPod("cronjob/nightly")), "none: its next run is seen from the start");
  EXPECT_EQ(Command(InPod("")),
            "none: delete the pod and create it again: no controller is known that would");
}

TEST(RestartCommand, IsSafeToPaste) {
  EXPECT_EQ(Command(Docker("a;reboot $(id)'", "docker:x")), "docker restart 'a;reboot $(id)'\\'''");
  EXPECT_EQ(Command(Docker("--all", "docker:x")), "docker restart " + kId);
  EXPECT_EQ(Command(Docker("a\nreboot", "docker:x")), "docker restart 'a\\x0areboot'");
}

TEST(RestartCommand, IsNoneOfWhatNoEngineKnows) {
  v1::Container box = Docker("box", "runc:box");
  box.set_runtime("runc");
  EXPECT_EQ(Command(box), "none: restart it with the program that started it");
}

TEST(RestartPlan, HasWhatRestartsHelpFewestInterruptionsFirst) {
  v1::ListWorkloadsResponse workloads;
  *workloads.add_workloads() = Row(InPod("deploy/web"), 3, 3);
  v1::Container sidecar = InPod("deploy/web");
  sidecar.set_workload_name("shop/deploy/web/proxy");
  *workloads.add_workloads() = Row(sidecar, 3, 1);
  *workloads.add_workloads() = Row(Docker("few", "docker:few"), 1, 1);
  *workloads.add_workloads() = Row(Docker("many", "docker:many"), 1, 2);
  *workloads.add_workloads() = Row(Docker("known", "docker:known"), 1, 0);
  *workloads.add_workloads() = Row(Docker("gone", "docker:gone"), 0, 3);
  v1::WorkloadSummary lossy = Row(Docker("lossy", "docker:lossy"), 1, 3);
  lossy.mutable_summary()->mutable_confidence()->set_starts(1);
  *workloads.add_workloads() = lossy;
  v1::Container unit = Docker("cron", "unit:cron.service");
  unit.set_kind("unit");
  *workloads.add_workloads() = Row(unit, 1, 3);
  v1::Container sandbox = InPod("deploy/web");
  sandbox.set_name("POD");
  *workloads.add_workloads() = Row(sandbox, 1, 3);

  const RestartPlan plan = PlanRestarts(workloads, {});
  ASSERT_EQ(plan.restarts.size(), 3u);
  EXPECT_EQ(plan.restarts[0].workloads, std::vector<std::string>{"docker:many"});
  EXPECT_EQ(plan.restarts[1].workloads, std::vector<std::string>{"docker:few"});
  EXPECT_EQ(plan.restarts[2].workloads,
            (std::vector<std::string>{"shop/deploy/web/nginx", "shop/deploy/web/proxy"}));
  EXPECT_EQ(plan.restarts[2].interrupts, 6u);
  EXPECT_EQ(plan.restarts[2].unknown.size(), 3);
  ASSERT_EQ(plan.others.size(), 1u);
  EXPECT_EQ(plan.others[0].workload, "docker:lossy");
  EXPECT_EQ(plan.others[0].reason, "why");
}

TEST(RestartPlan, NamesAnInstanceThatRuns) {
  v1::ListWorkloadsResponse workloads;
  v1::Container ended = Docker("first", "image:nginx");
  ended.mutable_ended()->set_seconds(1);
  *workloads.add_workloads() = Row(ended, 1, 3);
  v1::ListContainersResponse containers;
  *containers.add_containers()->mutable_container() = Docker("second", "image:nginx");
  const RestartPlan plan = PlanRestarts(workloads, containers);
  ASSERT_EQ(plan.restarts.size(), 1u);
  EXPECT_EQ(plan.restarts[0].command, "docker restart second");
}

TEST(RestartPlan, IsATableOrOneSentence) {
  v1::ListWorkloadsResponse workloads;
  *workloads.add_workloads() = Row(Docker("old", "docker:old"), 1, 2);
  std::ostringstream table, sentence;
  RenderRestartPlan(table, PlanRestarts(workloads, {}), {});
  EXPECT_EQ(table.str().substr(0, table.str().find("Their")),
            "WORKLOAD    INTERRUPTS  UNKNOWN  COMMAND\n"
            "docker:old           1   2 of 3  docker restart old\n");
  RenderRestartPlan(sentence, {}, {});
  EXPECT_TRUE(sentence.str().starts_with("Nothing to restart: ")) << sentence.str();
}

}  // namespace
}  // namespace capmon
