// SPDX-License-Identifier: Apache-2.0
// Debian's own programs as root in a Docker container, with needs that no check shows; repeated
// without the capability.
#include <endian.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/capability.h"
#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsSupersetOf;

class HostProgramsTest : public DockerWatchedTest {
 protected:
  void SetUp() override {
    DockerWatchedTest::SetUp();
    for (const char* program : {"setpriv", "capsh"})
      if (CanRun() && !OnPath(program)) GTEST_SKIP() << "needs " << program;
  }

  // Runs a command with this host's programs and libraries; prints its exit code.
  static void RunOnHostPrograms(const std::string& name, std::vector<std::string> flags,
                                const std::string& command) {
    for (const char* folder : {"/sbin", "/usr", "/lib", "/lib64"})
      if (std::filesystem::exists(folder))
        flags.insert(flags.end(), {"-v", std::string(folder) + ":" + folder + ":ro"});
    RunScript(name, flags, command + " >/dev/null; echo ended with $?");
  }

  // Expects these capabilities to be kept, and the command to fail without the last one.
  static void ExpectNeeds(const std::string& name, const std::vector<std::string>& flags,
                          const std::string& command, const std::vector<std::string>& needs) {
    RunOnHostPrograms(name, flags, command);
    ASSERT_THAT(Logs(name), HasSubstr("ended with 0\n"));
    const json profile = ProfileOnce(daemon(), name, [&](const json& now) {
      const std::set<std::string> keep = Keep(now);
      return std::includes(keep.begin(), keep.end(), needs.begin(), needs.end());
    });
    EXPECT_EQ(Keep(profile), std::set<std::string>(needs.begin(), needs.end())) << profile.dump(1);
  }
  static void ExpectFailsWithout(const std::string& name, std::vector<std::string> flags,
                                 const std::string& command, const std::string& capability,
                                 const std::string& exit_code) {
    flags.insert(flags.end(), {"--cap-drop", capability});
    RunOnHostPrograms(name, flags, command);
    EXPECT_THAT(Logs(name), HasSubstr("ended with " + exit_code + "\n"));
  }
};

TEST_F(HostProgramsTest, PingThatCarriesNetRawNeedsItToStartAlthoughItIsRoot) {
  if (!CanRun()) return;
  if (!OnPath("ping")) GTEST_SKIP() << "needs ping";
  const std::string copy = directory() / "ping";
  std::filesystem::copy_file(std::filesystem::canonical("/bin/ping"), copy);
  vfs_cap_data carried = {};
  carried.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
  carried.data[0].permitted = htole32(1u << CAP_NET_RAW);
  ASSERT_EQ(setxattr(copy.c_str(), "security.capability", &carried, sizeof(carried), 0), 0);
  // Every user may open the datagram sockets that it tries first.
  const std::vector<std::string> flags = {"-v", copy + ":/bin/carrying-ping:ro", "--sysctl",
                                          "net.ipv4.ping_group_range=0 2147483647"};
  const std::string ping = "/bin/carrying-ping -c 1 127.0.0.1";
  ExpectNeeds("ping", flags, ping, {"CAP_NET_RAW"});
  ExpectFailsWithout("ping-less", flags, ping, "NET_RAW", "126");
}

TEST_F(HostProgramsTest, SetprivNeedsWhatItRaises) {
  if (!CanRun()) return;
  const std::string line =
      "/usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=+net_bind_service "
      "--ambient-caps=+net_bind_service true";
  ExpectNeeds("setpriv", {}, line, {"CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"});
  ExpectFailsWithout("setpriv-less", {}, line, "NET_BIND_SERVICE", "127");
}

TEST_F(HostProgramsTest, CapshNeedsWhatItRaises) {
  if (!CanRun()) return;
  const std::string line =
      "/usr/sbin/capsh --inh=cap_net_bind_service --addamb=cap_net_bind_service "
      "--shell=/bin/true --";
  ExpectNeeds("capsh", {}, line, {"CAP_NET_BIND_SERVICE"});
  ExpectFailsWithout("capsh-less", {}, line, "NET_BIND_SERVICE", "1");
}

// iproute2 first tests what the kernel knows.
TEST_F(HostProgramsTest, IpNeedsNetAdminToSetALinkAndNotToShowIt) {
  if (!CanRun()) return;
  const std::string ip = "/usr/bin/ip";
  if (!std::filesystem::exists(ip)) GTEST_SKIP() << "needs " << ip;
  if (ReadFile("/sys/kernel/btf/vmlinux").find("btf_trace_sk_data_ready") != std::string::npos)
    ExpectNeeds("ip-show", {"--cap-add", "ALL"}, ip + " link show lo", {});
  ExpectNeeds("ip-set", {"--cap-add", "ALL"}, ip + " link set lo up", {"CAP_NET_ADMIN"});
  ExpectNeeds("ip-add", {"--cap-add", "ALL"}, ip + " addr add 10.1.2.3/32 dev lo",
              {"CAP_NET_ADMIN"});
}

}  // namespace
}  // namespace capmon
