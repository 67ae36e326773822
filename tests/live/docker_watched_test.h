// SPDX-License-Identifier: Apache-2.0
// One dockerd, and one capmond that queries it, for all tests of a suite.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/live/live_test.h"
#include "tests/support/docker_daemon.h"

namespace capmon {

class DockerWatchedTest : public LiveTest {
 public:
  static constexpr char kImage[] = "capmon-test:1";  // busybox, and a user "worker"

 protected:
  DockerWatchedTest() : LiveTest({"dockerd", "docker", "busybox"}) {}

  void SetUp() override;
  static void TearDownTestSuite();

  // What a suite adds to the image and to capmond's flags.
  virtual void AddFiles(const std::string&) {}
  virtual std::vector<std::string> DaemonFlags() { return {}; }
  virtual DockerOptions OptionsOfDocker() { return {}; }

  // `docker run -d -i --network none --name NAME FLAGS... IMAGE COMMAND...`
  static void Run(const std::string& name, const std::vector<std::string>& flags,
                  const std::vector<std::string>& command);
  // The same with a shell script that prints "ready" after its work and then stays; returns at that
  // line.
  static void RunScript(const std::string& name, const std::vector<std::string>& flags,
                        const std::string& script);
  // Returns the output of a container so far.
  static std::string Logs(const std::string& name);

  static DockerDaemon& docker() { return *docker_; }
  static CapmonDaemon& daemon() { return *daemon_; }
  static const TempDir& directory() { return *directory_; }  // with the image's files in "rootfs"

 private:
  static inline std::unique_ptr<TempDir> directory_;
  static inline std::optional<DockerDaemon> docker_;
  static inline std::optional<CapmonDaemon> daemon_;
};

}  // namespace capmon
