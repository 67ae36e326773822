// SPDX-License-Identifier: Apache-2.0
// Several engines on one host: two real dockerds whose containers have the same names, and a real
// Podman without its socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kImage[] = "capmon-test:1";
const std::string kChowns = "touch /file; chown 1000 /file; sleep 3600";

class EnginesTest : public LiveTest {
 protected:
  explicit EnginesTest(std::vector<std::string> programs = {"dockerd", "docker", "busybox"})
      : LiveTest(std::move(programs)) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(directory_ / "rootfs").ok());
  }
  // Starts a capmond with only the sources given here.
  void Watch(const Line& flags) {
    auto daemon = CapmonDaemon::Start(
        directory_.path(),
        Line{"--cri-socket", "none", "--run-dir", "none", "--docker-root", "none"} + flags);
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  json Named(const std::string& reference, const std::string& source) const {
    const json profile = ProfileOnce(*daemon_, reference, [&](const json& now) {
      return now.at("container").at("name_source") == source;
    });
    EXPECT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", reference}).err
                                     << daemon_->Capmon({"list", "-o", "wide"}).out;
    return profile;
  }
  std::string StateOf(const std::string& source) const {
    const json status = daemon_->Json({"status"});
    for (const json& layer : status.at("layers"))
      if (layer.at("name") == source) return layer.at("state");
    return "none";
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
};

class TwoDockersTest : public EnginesTest {
 protected:
  void SetUp() override {
    EnginesTest::SetUp();
    if (!CanRun()) return;
    for (std::optional<DockerDaemon>* const docker : {&first_, &second_}) {
      auto started = DockerDaemon::Start();
      ASSERT_TRUE(started.ok()) << started.status();
      docker->emplace(*std::move(started));
      ASSERT_TRUE((*docker)->Import(directory_ / "rootfs", kImage).ok());
    }
    Run(*second_, "old", "sleep 3600");
    const std::string second = second_->socket();
    owner_ = second.substr(1);
    for (char& c : owner_) c = c == '/' ? '-' : c;
    Watch({"--storage-root", "none", "--docker-socket", first_->socket(), "--docker-socket", second,
           "--docker-socket", directory_ / "nowhere.sock"});
  }
  static void Run(const DockerDaemon& docker, const std::string& name, const std::string& script) {
    const Outcome started = docker.Docker(
        {"run", "-d", "--network", "none", "--name", name, kImage, "/bin/sh", "-c", script});
    ASSERT_EQ(started.exit_code, 0) << started.err;
  }
  // The commands of the plan.
  std::vector<std::string> Plan() const {
    std::vector<std::string> commands;
    const json plan = daemon_->Json({"restart-plan"});
    for (const json& restart : plan.at("restarts")) commands.push_back(restart.at("command"));
    return commands;
  }

  std::optional<DockerDaemon> first_, second_;
  std::string owner_;  // of what the second one runs
};

TEST_F(TwoDockersTest, OneNameInBothIsTwoWorkloads) {
  if (!CanRun()) return;
  Run(*first_, "web", kChowns);
  Run(*second_, "web", "sleep 3600");
  const json ones = ProfileOnce(*daemon_, "docker:web", [](const json& now) {
    return Number(Row(now, "CAP_CHOWN"), "count") > 0;
  });
  const json others = Named("~" + owner_ + "/docker:web", "docker");
  ASSERT_TRUE(ones.is_object() && others.is_object());
  EXPECT_EQ(ones.at("workload").at("instances"), 1);
  EXPECT_EQ(ones.at("container").at("engine"), "");
  EXPECT_EQ(others.at("workload").at("instances"), 1);
  EXPECT_EQ(others.at("container").at("engine"), second_->socket());
  EXPECT_FALSE(Keep(others).contains("CAP_CHOWN")) << others.dump(1);
  const Outcome ambiguous = daemon_->Capmon({"profile", "web"});
  EXPECT_EQ(ambiguous.exit_code, 4);
  EXPECT_THAT(ambiguous.err, HasSubstr("\"web\" fits 2 containers: "));
  EXPECT_THAT(ambiguous.err, HasSubstr(" at " + second_->socket()));
  EXPECT_EQ(StateOf("docker " + first_->socket()), "ok");
  EXPECT_EQ(StateOf("docker " + second_->socket()), "ok");
  EXPECT_EQ(StateOf("docker " + directory_ / "nowhere.sock"), "absent");
}

TEST_F(TwoDockersTest, ThePlanRestartsWhatRanBefore) {
  if (!CanRun()) return;
  const std::string command = "docker -H unix://" + second_->socket() + " restart old";
  // The machine may run other containers as well.
  const auto planned = [&] { return std::ranges::count(Plan(), command); };
  ASSERT_TRUE(Eventually([&] { return planned() == 1; })) << daemon_->Capmon({"restart-plan"}).out;
  const Outcome pasted = RunProgram({"/bin/sh", "-c", command});
  ASSERT_EQ(pasted.exit_code, 0) << pasted.err;
  EXPECT_TRUE(Eventually([&] { return planned() == 0; }))
      << daemon_->Capmon({"restart-plan"}).out << daemon_->Capmon({"list", "-a"}).out;
}

TEST_F(TwoDockersTest, OneThatEndsHidesNoContainerOfTheOther) {
  if (!CanRun()) return;
  const std::string layer = "docker " + second_->socket();
  second_.reset();
  EXPECT_TRUE(Eventually([&] { return StateOf(layer) == "absent"; }, std::chrono::seconds(60)))
      << daemon_->Capmon({"status"}).out;
  Run(*first_, "late", kChowns);
  EXPECT_EQ(Named("late", "docker").at("container").at("image"), kImage);
}

class PodmanTest : public EnginesTest {
 protected:
  PodmanTest() : EnginesTest({"podman", "runc", "busybox"}) {}
  ~PodmanTest() override {
    if (started_) Podman({"rm", "-fa"});
  }

  Outcome Podman(const Line& words) const {
    return RunProgram(Line{"podman", "--root", directory_ / "storage", "--runroot",
                           directory_ / "run", "--storage-driver", "vfs", "--cgroup-manager",
                           "cgroupfs", "--runtime", "runc"} +
                      words);
  }
  // The limits of the machine may be lower than those that Podman sets.
  Outcome Run(const Line& options) {
    started_ = true;
    return Podman(Line{"run", "-d", "--network", "none", "--ulimit", "nofile=512:512", "--ulimit",
                       "nproc=512:512"} +
                  options + Line{kImage, "/bin/sh", "-c", kChowns});
  }

  bool started_ = false;
};

TEST_F(PodmanTest, ItsListNamesContainersWithoutItsSocket) {
  if (!CanRun()) return;
  const std::string archive = directory_ / "image.tar";
  ASSERT_EQ(RunProgram({"tar", "-C", directory_ / "rootfs", "-cf", archive, "."}).exit_code, 0);
  const Outcome imported = Podman({"import", archive, kImage});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  Watch({"--docker-socket", "none", "--storage-root", directory_ / "storage"});
  const Outcome started = Run({"--name", "shopweb"});
  if (started.exit_code != 0) GTEST_SKIP() << "Podman starts no container here: " << started.err;
  ASSERT_EQ(Run({"--name", "brief", "--rm"}).exit_code, 0);
  for (const std::string name : {"shopweb", "brief"}) {
    const json container = Named("podman:" + name, "oci").at("container");
    EXPECT_EQ(container.at("name"), name);
    EXPECT_EQ(container.at("image"), "localhost/" + std::string(kImage));
    EXPECT_EQ(container.at("runtime"), "podman");
    EXPECT_THAT(container.at("image_digest"), HasSubstr("sha256:"));
  }
}

}  // namespace
}  // namespace capmon
