// SPDX-License-Identifier: Apache-2.0
// A service as Compose runs it: replicas that each do something else, replaced by a new image,
// while capmond is killed and started again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/bpf_file_system.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;

class WorkloadTest : public LiveTest {
 protected:
  WorkloadTest() : LiveTest({"dockerd", "docker", "busybox"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(bpffs_.mounted());
    const std::string rootfs = directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs).ok());
    auto docker = DockerDaemon::Start();
    ASSERT_TRUE(docker.ok()) << docker.status();
    docker_.emplace(*std::move(docker));
    ASSERT_TRUE(docker_->Import(rootfs, "shop:1").ok());
    std::ofstream(rootfs + "/version") << 2;
    ASSERT_TRUE(docker_->Import(rootfs, "shop:2").ok());
    StartDaemon();
  }
  void StartDaemon() {
    daemon_.reset();
    auto daemon = CapmonDaemon::Start(
        directory_.path(), {"--docker-socket", docker_->socket(), "--state-dir",
                            directory_ / "state", "--pin-dir", directory_ / "bpf/capmon"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  void Kill() {
    daemon_->process().Signal(SIGKILL);
    ASSERT_EQ(daemon_->process().Wait().value_or(-1), 128 + SIGKILL);
  }
  // A replica of the service, which stays when its work is done.
  void Replica(const std::string& service, int number, const std::string& image,
               const std::string& work) {
    const std::string name = "shop-" + service + "-" + std::to_string(number);
    const Outcome started = docker_->Docker({"run", "-d", "-i", "--network", "none", "--name", name,
                                             "--label", "com.docker.compose.project=shop",
                                             "--label", "com.docker.compose.service=" + service,
                                             image, "/bin/sh", "-c", work + "; echo ready; cat"});
    ASSERT_EQ(started.exit_code, 0) << started.err;
    ASSERT_TRUE(Eventually([&] {
      const Outcome logs = docker_->Docker({"logs", name});
      return logs.out.find("ready") != std::string::npos;
    }));
  }
  void Remove(const std::string& service, int number) {
    const std::string name = "shop-" + service + "-" + std::to_string(number);
    ASSERT_EQ(docker_->Docker({"rm", "-f", name}).exit_code, 0);
  }
  static std::string Used(const json& profile, const std::string& capability) {
    const json row = Row(profile, capability);
    if (!row.is_object()) return "none";
    return std::to_string(row.at("instances_used").get<int>()) + " of " +
           std::to_string(profile.at("workload").at("instances").get<int>());
  }
  // What would begin anew if an instance were learned anew: when it was first seen, its starts.
  static std::map<std::string, std::string> Learned(const json& profile) {
    std::map<std::string, std::string> learned;
    for (const json& instance : profile.at("instances"))
      learned[instance.at("id")] =
          instance.at("first_seen").get<std::string>() + " " + instance.at("starts").dump();
    return learned;
  }
  std::vector<json> Alerts() const {
    std::vector<json> alerts;
    std::istringstream lines(daemon_->Capmon({"alerts", "-o", "jsonl"}).out);
    for (std::string line; std::getline(lines, line);) alerts.push_back(json::parse(line));
    return alerts;
  }
  bool HasAlert(const std::string& container, const std::string& capability) const {
    for (const json& alert : Alerts())
      if (alert.at("container").at("name") == container && alert.at("capability") == capability &&
          alert.at("kind") == "new_capability")
        return true;
    return false;
  }

  TempDir directory_;
  BpfFileSystem bpffs_{directory_ / "bpf"};
  std::optional<DockerDaemon> docker_;
  std::optional<CapmonDaemon> daemon_;
};

const std::set<std::string> kAll = {"CAP_CHOWN", "CAP_MKNOD", "CAP_NET_RAW"};

TEST_F(WorkloadTest, ReplicasAddUpAndOutliveThemselvesAndCapmond) {
  if (!CanRun()) return;
  Replica("web", 1, "shop:1", "chown worker /srv");
  Replica("web", 2, "shop:1", "ping -c 1 127.0.0.1");
  Kill();
  StartDaemon();
  Replica("web", 3, "shop:1", "mknod /srv/null c 1 3");
  const auto all_three = [](const json& now) { return Keep(now) == kAll; };
  json profile = ProfileOnce(*daemon_, "compose:shop/web", all_three);
  ASSERT_EQ(Keep(profile), kAll) << profile.dump(1);
  for (const std::string& capability : kAll) EXPECT_EQ(Used(profile, capability), "1 of 3");
  const std::string before = profile.at("workload").at("digest");
  EXPECT_TRUE(before.starts_with("sha256:")) << before;
  const auto learned = Learned(profile);
  EXPECT_EQ(learned.size(), 3u);

  Kill();
  StartDaemon();
  profile = ProfileOnce(*daemon_, "compose:shop/web", all_three);
  EXPECT_EQ(Learned(profile), learned) << "killed while they run: nothing is learned anew";
  for (const std::string& capability : kAll) EXPECT_EQ(Used(profile, capability), "1 of 3");
  for (const int number : {1, 2, 3}) Remove("web", number);
  ASSERT_EQ(daemon_->Stop().value_or(-1), 0);
  StartDaemon();
  profile = ProfileOnce(*daemon_, "compose:shop/web", all_three);
  EXPECT_EQ(Keep(profile), kAll) << "after they were removed: " << profile.dump(1);
  for (const std::string& capability : kAll) EXPECT_EQ(Used(profile, capability), "1 of 3");
  EXPECT_EQ(profile.at("workload").at("running"), 0);
  EXPECT_EQ(Learned(profile), learned);

  Replica("web", 1, "shop:2", "chown worker /srv; su worker -c true");
  profile = ProfileOnce(*daemon_, "compose:shop/web", [&](const json& now) {
    return now.at("workload").at("digest") != before && Keep(now).contains("CAP_SETUID");
  });
  const json compared = profile.value("compared_with", json::object());
  EXPECT_EQ(compared.value("digest", ""), before) << profile.dump(1);
  const std::set<std::string> gone = compared.value("gone", std::set<std::string>());
  EXPECT_EQ(gone, (std::set<std::string>{"CAP_MKNOD", "CAP_NET_RAW"}));
  const std::set<std::string> added = compared.value("added", std::set<std::string>());
  EXPECT_TRUE(added.contains("CAP_SETUID")) << compared.dump();

  Replica("web", 2, "shop:2", "ping -c 1 127.0.0.1");
  Kill();
  Replica("web", 3, "shop:2", "mknod /srv/null c 1 3");  // while capmond does not run
  StartDaemon();
  profile = ProfileOnce(*daemon_, "compose:shop/web", [&](const json& now) {
    return Keep(now).contains("CAP_MKNOD") && Keep(now).contains("CAP_NET_RAW");
  });
  EXPECT_NE(profile.at("workload").at("digest"), before);
  for (const char* capability : {"CAP_MKNOD", "CAP_NET_RAW", "CAP_SETUID"})
    EXPECT_EQ(Used(profile, capability), "1 of 3") << profile.dump(1);
  EXPECT_EQ(profile.at("compared_with").at("digest"), before);
  EXPECT_EQ(profile.at("compared_with").at("gone"), json::array()) << "all of it was seen again";
  const json exported = json::parse(
      daemon_->Capmon({"export", "compose:shop/web", "-o", "json"}).out, nullptr, false);
  ASSERT_EQ(exported.size(), 2u) << exported.dump(1);
  for (const json& version : exported)
    if (version.at("digest") == before) {
      EXPECT_EQ(version.at("instances").size(), 3u);
      EXPECT_EQ(version.at("needs").size(), kAll.size()) << "the earlier image is not forgotten";
    }
}

TEST_F(WorkloadTest, AnInstanceAfterApprovalIsComparedFromItsFirstInstruction) {
  if (!CanRun()) return;
  for (const char* service : {"approved", "new"}) {
    Replica(service, 1, "shop:1", "chown worker /srv");
    ProfileOnce(*daemon_, std::string("compose:shop/") + service,
                [](const json& now) { return Keep(now).contains("CAP_CHOWN"); });
  }
  const Outcome approved = daemon_->Capmon({"approve", "compose:shop/approved"});
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_NE(approved.out.find("CHOWN"), std::string::npos) << approved.out;
  Kill();
  StartDaemon();  // the approval is in the store
  EXPECT_TRUE(daemon_->Json({"baseline", "show", "compose:shop/approved"}).at("approved"));
  for (const char* service : {"approved", "new"})
    Replica(service, 2, "shop:1", "ping -c 1 127.0.0.1; chown worker /srv");
  EXPECT_TRUE(Eventually([&] { return HasAlert("shop-approved-2", "CAP_NET_RAW"); }))
      << json(Alerts()).dump(1);
  EXPECT_FALSE(HasAlert("shop-approved-2", "CAP_CHOWN")) << json(Alerts()).dump(1);
  EXPECT_FALSE(HasAlert("shop-new-2", "CAP_NET_RAW"))
      << "without approval the first minutes are normal: " << json(Alerts()).dump(1);
}

}  // namespace
}  // namespace capmon
