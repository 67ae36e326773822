// SPDX-License-Identifier: Apache-2.0
// A runtime's socket that hangs, sends garbage or is absent costs only its own fields: files still
// name every container, `status` shows what is wrong, and nothing waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/unix_server.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::optional<std::string> Hangs(const std::string&) { return std::nullopt; }
std::optional<std::string> TalksNonsense(const std::string&) {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[{\"Id\": 7}, \x01\xff";
}

class SourcesTest : public LiveTest {
 protected:
  SourcesTest() : LiveTest({"dockerd", "docker", "busybox"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    ASSERT_TRUE(MakeBusyboxRootfs(directory_ / "rootfs").ok());
    auto docker = DockerDaemon::Start();
    ASSERT_TRUE(docker.ok()) << docker.status();
    docker_.emplace(*std::move(docker));
    ASSERT_TRUE(docker_->Import(directory_ / "rootfs", "capmon-test:1").ok());
  }
  void Watch() {
    auto daemon = CapmonDaemon::Start(
        directory_.path(), {"--run-dir", docker_->run_dir(), "--docker-root", docker_->data_root(),
                            "--docker-socket", docker_socket_, "--cri-socket", cri_socket_});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  // Returns the source in `status` once it is in that state.
  json Source(const std::string& name, const std::string& state) const {
    json found;
    EXPECT_TRUE(Eventually([&] {
      const json status = daemon_->Json({"status"});
      for (const json& layer : status.at("layers"))
        if (layer.at("name") == name) found = layer;
      return found.is_object() && found.at("state") == state;
    })) << found.dump(1);
    return found;
  }
  // A new container that makes one check, and its profile once `source` has named it.
  void ExpectNamed(const std::string& name, const std::string& source) const {
    const Outcome started =
        docker_->Docker({"run", "-d", "--network", "none", "--name", name, "capmon-test:1",
                         "/bin/sh", "-c", "touch /file; chown 1000 /file; sleep 3600"});
    ASSERT_EQ(started.exit_code, 0) << started.err;
    const json profile = ProfileOnce(*daemon_, name, [&](const json& now) {
      return now.at("container").at("name_source") == source &&
             Number(Row(now, "CAP_CHOWN"), "count") > 0;
    });
    ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"list", "--instances", "-o", "wide"}).out;
    EXPECT_EQ(profile.at("container").at("name_source"), source) << profile.dump(1);
    EXPECT_EQ(profile.at("container").at("image"), "capmon-test:1");
    EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 1u);
  }

  TempDir directory_;
  const std::string docker_socket_ = directory_ / "docker.sock";
  const std::string cri_socket_ = directory_ / "cri.sock";
  std::optional<DockerDaemon> docker_;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(SourcesTest, SilenceLeavesTheNamesToTheFiles) {
  if (!CanRun()) return;
  const UnixServer docker(docker_socket_, Hangs), cri(cri_socket_, Hangs);
  Watch();
  if (!CanRun()) return;
  ExpectNamed("hung", "oci");
  EXPECT_THAT(Source("docker", "failing").at("detail"), HasSubstr("no answer in time"));
  EXPECT_THAT(Source("cri", "failing").at("detail"), HasSubstr(cri_socket_));
  Source("oci", "ok");
  EXPECT_EQ(daemon_->Stop().value_or(-1), 0);  // stopping does not wait for an answer either
}

TEST_F(SourcesTest, NonsenseThenNothingThenTheRealOneAndNothingAgain) {
  if (!CanRun()) return;
  {
    const UnixServer docker(docker_socket_, TalksNonsense), cri(cri_socket_, TalksNonsense);
    Watch();
    if (!CanRun()) return;
    ExpectNamed("garbled", "oci");
    Source("docker", "failing");
    Source("cri", "failing");
  }
  Source("docker", "absent");
  Source("cri", "absent");
  ExpectNamed("alone", "oci");
  std::filesystem::create_symlink(docker_->socket(), docker_socket_);
  Source("docker", "ok");
  ExpectNamed("told", "docker");
  std::filesystem::remove(docker_socket_);
  ExpectNamed("alone-again", "oci");
}

}  // namespace
}  // namespace capmon
