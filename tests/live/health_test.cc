// SPDX-License-Identifier: Apache-2.0
// SERVING means that a real check was just counted in the right cgroup: these tests break that by
// moving capmond's probe, by stopping it and by killing it.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/attribution/cgroup_mounts.h"
#include "tests/live/live_test.h"
#include "tests/support/eventually.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

// Returns the status from grpc.health.v1, its only field.
std::string HealthServiceSays(const std::string& address) {
  const auto channel = grpc::CreateChannel(address.substr(0, 5) + address.substr(7),
                                           grpc::InsecureChannelCredentials());
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  grpc::CompletionQueue queue;
  const grpc::Slice empty("");
  const grpc::ByteBuffer nothing(&empty, 1);
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", nothing, &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool done = false;
  queue.Next(&tag, &done);
  std::vector<grpc::Slice> slices;
  if (!status.ok() || !answer.Dump(&slices).ok() || slices.empty()) return status.error_message();
  return slices[0].size() == 2 && slices[0].begin()[1] == 1 ? "SERVING" : "NOT_SERVING";
}

class HealthTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    auto daemon = CapmonDaemon::Start(directory_.path());
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    ASSERT_TRUE(Becomes(true)) << Health().dump();
  }

  nlohmann::json Health() const {
    // Exits with 1 while it is not healthy.
    const Outcome status = daemon_->Capmon({"status", "-o", "json"});
    return nlohmann::json::parse(status.out).at("health");
  }
  bool Becomes(bool serving) const {
    return Eventually([&] { return Health().at("serving") == serving; });
  }
  static std::vector<pid_t> ChildrenOf(pid_t parent) {
    const std::string pid = std::to_string(parent);
    std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
  }
  // Returns capmond's youngest child (the first one supervises the reading of files); 0 for none.
  pid_t Probe() {
    const std::vector<pid_t> children = ChildrenOf(daemon_->process().pid());
    return children.size() < 2 ? 0 : children.back();
  }

  // The directories of its cgroups, in every hierarchy.
  static std::vector<std::string> HomesOf(pid_t pid) {
    std::ifstream mountinfo("/proc/self/mountinfo"),
        cgroups("/proc/" + std::to_string(pid) + "/cgroup");
    const CgroupMounts mounts = ParseCgroupMounts(
        std::string(std::istreambuf_iterator<char>(mountinfo), std::istreambuf_iterator<char>()));
    std::vector<std::string> homes;
    for (std::string line; std::getline(cgroups, line);) {
      const size_t names = line.find(':') + 1, path = line.find(':', names) + 1;
      const std::string controllers = line.substr(names, path - names - 1);
      const auto mount = mounts.controllers.find(controllers);
      if (controllers.empty() && mounts.unified)
        homes.push_back(mounts.unified->point + line.substr(path));
      else if (mount != mounts.controllers.end())
        homes.push_back(mount->second.point + line.substr(path));
    }
    return homes;
  }
  static void Move(pid_t pid, const std::vector<std::string>& directories) {
    for (const std::string& directory : directories)
      std::ofstream(directory + "/cgroup.procs") << pid << std::flush;
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(HealthTest, ChecksThatLandElsewhereEndIt) {
  const std::vector<std::string> homes = HomesOf(daemon_->process().pid());
  ASSERT_FALSE(homes.empty());
  const TestCgroup elsewhere;
  Move(Probe(), elsewhere.directories());
  EXPECT_TRUE(Becomes(false));
  EXPECT_NE(Health().at("reason").get<std::string>().find("instead of"), std::string::npos)
      << Health().dump();
  Move(Probe(), homes);
  EXPECT_TRUE(Becomes(true)) << Health().dump();
}

TEST_F(HealthTest, ChecksThatAreNotSeenEndIt) {
  const pid_t probe = Probe();
  ASSERT_GT(probe, 0);
  ASSERT_EQ(kill(probe, SIGSTOP), 0);
  EXPECT_TRUE(Becomes(false));
  EXPECT_NE(Health().at("reason").get<std::string>().find("not been seen"), std::string::npos);
  ASSERT_EQ(kill(probe, SIGCONT), 0);
  EXPECT_TRUE(Becomes(true)) << Health().dump();
}

// A process that runs capmond's program can make checks like the probe's.
TEST_F(HealthTest, ChecksOfAnotherProcessDoNotEndIt) {
  const TestCgroup elsewhere;
  ProcessOptions inside;
  inside.cgroups = elsewhere.directories();
  const TempDir other;
  auto imposter = CapmonDaemon::Start(other.path(), {}, inside);
  ASSERT_TRUE(imposter.ok()) << imposter.status();
  ASSERT_TRUE(Eventually([&] {
    const Outcome status = imposter->Capmon({"status", "-o", "json"});
    return nlohmann::json::parse(status.out).at("health").at("serving") == true;
  }));
  // As many polls as several beats of the other one need.
  const auto last_seen = [&] { return Health().at("last_seen").get<std::string>(); };
  for (int beats = 0; beats < 3; ++beats) {
    const std::string before = last_seen();
    EXPECT_TRUE(Eventually([&] {
      EXPECT_EQ(Health().at("serving"), true) << Health().dump();
      return last_seen() != before;
    }));
  }
}

// A recording without a reader: the event loop blocks and cannot report that itself.
TEST_F(HealthTest, AnEventLoopThatHangsEndsIt) {
  const auto answers = [&](const std::string& status) {
    return Eventually([&] { return HealthServiceSays(daemon_->address()) == status; });
  };
  EXPECT_TRUE(answers("SERVING"));
  // Only the main thread; the threads that answer continue.
  const pid_t loop = daemon_->process().pid();
  ASSERT_EQ(ptrace(PTRACE_SEIZE, loop, nullptr, nullptr), 0) << strerror(errno);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, loop, nullptr, nullptr), 0) << strerror(errno);
  int status = 0;
  ASSERT_EQ(waitpid(loop, &status, __WALL), loop);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_TRUE(answers("NOT_SERVING"));
  daemon_->process().Signal(SIGKILL);
}

TEST_F(HealthTest, AProbeThatDiesIsReplaced) {
  const pid_t probe = Probe();
  ASSERT_EQ(kill(probe, SIGKILL), 0);
  EXPECT_TRUE(Eventually([&] { return Probe() > 0 && Probe() != probe; }));
  EXPECT_TRUE(Becomes(true)) << Health().dump();
}

TEST_F(HealthTest, TheProbeEndsWithCapmondAndIsNoEvidence) {
  const pid_t probe = Probe();
  const auto profile =
      daemon_->Json({"profile", "pid:" + std::to_string(daemon_->process().pid())});
  for (const auto& row : profile.at("capabilities"))
    if (row.at("capability") == "CAP_SYS_PTRACE") {
      EXPECT_EQ(row.at("denied"), "0") << row.dump(1);
    }
  daemon_->process().Signal(SIGKILL);
  EXPECT_TRUE(Eventually([&] { return kill(probe, 0) != 0; }));
}

}  // namespace
}  // namespace capmon
