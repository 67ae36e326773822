// SPDX-License-Identifier: Apache-2.0
#include "client/run/docker_socket.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace capmon {
namespace {

class DockerSocketTest : public testing::Test {
 protected:
  void SetUp() override { Forget(); }
  void TearDown() override { Forget(); }

  static std::string Socket(const std::string& given) {
    const auto socket = DockerSocket(given);
    return socket.ok() ? *socket : std::string(socket.status().message());
  }

 private:
  static void Forget() {
    ::unsetenv("DOCKER_HOST");
    ::unsetenv("DOCKER_CONTEXT");
  }
};

TEST_F(DockerSocketTest, IsTheOneThatWasGiven) {
  ::setenv("DOCKER_HOST", "tcp://10.0.0.7:2375", 1);
  EXPECT_EQ(Socket("/run/a.sock"), "/run/a.sock");
  EXPECT_EQ(Socket("unix:///run/a.sock"), "/run/a.sock");
}

TEST_F(DockerSocketTest, ElseThatOfTheEnvironment) {
  EXPECT_EQ(Socket(""), "/run/docker.sock");
  ::setenv("DOCKER_CONTEXT", "default", 1);
  EXPECT_EQ(Socket(""), "/run/docker.sock");
  ::setenv("DOCKER_CONTEXT", "other", 1);
  EXPECT_EQ(Socket(""),
            "$DOCKER_CONTEXT is \"other\", and capmon reads no contexts: give its socket, which "
            "docker context inspect prints, with --docker-socket or in $DOCKER_HOST");
  ::setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock", 1);
  EXPECT_EQ(Socket(""), "/run/user/1000/docker.sock") << "as for docker";
  ::setenv("DOCKER_HOST", "/run/b.sock", 1);
  EXPECT_EQ(Socket(""), "/run/b.sock");
}

TEST_F(DockerSocketTest, OfAnotherMachineIsRefused) {
  ::setenv("DOCKER_HOST", "tcp://10.0.0.7:2375", 1);
  EXPECT_EQ(Socket(""),
            "$DOCKER_HOST is \"tcp://10.0.0.7:2375\": capmon starts containers only on this "
            "machine, where capmond counts; give a Unix socket, like unix:///run/docker.sock");
  EXPECT_TRUE(absl::IsInvalidArgument(DockerSocket("ssh://host").status()));
}

}  // namespace
}  // namespace capmon
