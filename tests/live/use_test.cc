// SPDX-License-Identifier: Apache-2.0
// A server that makes no check and no exec to answer is put to use all the same.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "daemon/base/unique_fd.h"
#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"

namespace capmon {
namespace {

using nlohmann::json;

// 0: none could be had.
uint16_t FreePort() {
  const UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(probe.get(), any, size) != 0 || ::getsockname(probe.get(), any, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

class UseTest : public LiveTest {
 protected:
  UseTest() : LiveTest({"runc", "busybox"}) {}
};

bool IsIdle(const json& profile) {
  for (const json& condition : profile.at("confidence").at("open_conditions"))
    if (condition.get<std::string>().starts_with("idle since its start")) return true;
  return false;
}

TEST_F(UseTest, AnsweringClientsIsActivity) {
  if (!CanRun()) return;
  const TempDir directory;
  ASSERT_TRUE(MakeBusyboxRootfs(directory / "rootfs").ok());
  // A tenth of it is the start-up, in which the server has to be up.
  auto daemon =
      CapmonDaemon::Start(directory.path(), {"--stable-after", std::to_string(50 * Patience())});
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  const std::string address = "127.0.0.1:" + std::to_string(FreePort());
  ContainerSpec spec{
      directory / "rootfs", {"/bin/busybox", "httpd", "-f", "-p", address, "-h", "/etc"}, {}};
  spec.host_network = true;
  auto server = RuncContainer::Start(spec);
  ASSERT_TRUE(server.ok()) << server.status();

  const json idle = ProfileOnce(*daemon, server->id(), IsIdle);
  ASSERT_TRUE(IsIdle(idle)) << idle.at("confidence");
  const auto get = [&] {
    return RunProgram({"busybox", "wget", "-q", "-O", "-", "http://" + address + "/passwd"});
  };
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(get().exit_code, 0);
    return !IsIdle(daemon->Json({"profile", server->id()}));
  }));
}

}  // namespace
}  // namespace capmon
