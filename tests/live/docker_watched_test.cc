// SPDX-License-Identifier: Apache-2.0
#include "tests/live/docker_watched_test.h"

#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"

namespace capmon {

void DockerWatchedTest::SetUp() {
  LiveTest::SetUp();
  if (!CanRun() || daemon_) return;
  directory_ = std::make_unique<TempDir>();
  const std::string rootfs = *directory_ / "rootfs";
  ASSERT_TRUE(MakeBusyboxRootfs(rootfs).ok());
  AddFiles(rootfs);
  auto docker = DockerDaemon::Start(OptionsOfDocker());
  ASSERT_TRUE(docker.ok()) << docker.status();
  docker_.emplace(*std::move(docker));
  const auto imported = docker_->Import(rootfs, kImage);
  ASSERT_TRUE(imported.ok()) << imported;
  std::vector<std::string> flags = DaemonFlags();
  flags.insert(flags.end(), {"--docker-socket", docker_->socket()});
  auto daemon = CapmonDaemon::Start(directory_->path(), flags);
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  daemon_.emplace(*std::move(daemon));
}

void DockerWatchedTest::TearDownTestSuite() {
  daemon_.reset();
  docker_.reset();
  directory_.reset();
}

void DockerWatchedTest::Run(const std::string& name, const std::vector<std::string>& flags,
                            const std::vector<std::string>& command) {
  std::vector<std::string> line = {"run", "-d", "-i", "--network", "none", "--name", name};
  line.insert(line.end(), flags.begin(), flags.end());
  line.push_back(kImage);
  line.insert(line.end(), command.begin(), command.end());
  const Outcome started = docker_->Docker(line);
  ASSERT_EQ(started.exit_code, 0) << started.err;
}

void DockerWatchedTest::RunScript(const std::string& name, const std::vector<std::string>& flags,
                                  const std::string& script) {
  Run(name, flags, {"/bin/sh", "-c", script + "; echo ready; cat"});
  ASSERT_TRUE(Eventually([&] { return Logs(name).find("ready") != std::string::npos; }))
      << Logs(name);
}

std::string DockerWatchedTest::Logs(const std::string& name) {
  const Outcome logs = docker_->Docker({"logs", name});
  return logs.out + logs.err;
}

}  // namespace capmon
