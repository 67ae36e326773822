// SPDX-License-Identifier: Apache-2.0
// What `capmon minimize` proves about a container of Docker stays with its name: through a restart
// of capmond, until another image has the name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kOther[] = "capmon-test:2";

class ProofsTest : public DockerWatchedTest {
 protected:
  std::vector<std::string> DaemonFlags() override { return Flags(); }
  // A restart of capmond is no gap in the start-up, which is a tenth of the time until stable.
  static std::vector<std::string> Flags() {
    return {"--stable-after", "10", "--state-dir", directory() / "state"};
  }
  // Serves a file on a port that needs NET_BIND_SERVICE here; puts up without CHOWN.
  static void Serve(const std::string& image) {
    const Outcome started = docker().Docker(
        {"run", "-d", "-i", "--network", "none", "--name", "web", "--sysctl",
         "net.ipv4.ip_unprivileged_port_start=1024", image, "/bin/sh", "-c",
         "echo served >/srv/index.html; chown 1 /srv/index.html; chown 0 /srv/index.html; "
         "exec /bin/busybox httpd -f -p 80 -h /srv"});
    ASSERT_EQ(started.exit_code, 0) << started.err;
  }
  static json Learned(const CapmonDaemon& capmond) {
    return ProfileOnce(capmond, "web", [](const json& now) {
      return !Row(now, "CAP_NET_BIND_SERVICE").is_null() && !Row(now, "CAP_CHOWN").is_null() &&
             NeededByVerdict(now).contains("CAP_NET_BIND_SERVICE");
    });
  }
  static Outcome Minimize(std::vector<std::string> more = {}) {
    std::vector<std::string> line = {"minimize",
                                     "--docker",
                                     "web",
                                     "--docker-socket",
                                     docker().socket(),
                                     "--check-timeout",
                                     "2",
                                     "--check",
                                     "docker -H unix://" + docker().socket() +
                                         " exec $CAPMON_TWIN /bin/busybox wget -q -O - "
                                         "http://127.0.0.1/ | grep served"};
    line.insert(line.end(), more.begin(), more.end());
    return daemon().Capmon(line);
  }
};

TEST_F(ProofsTest, ProofsAreKeptUntilAnotherImageHasTheName) {
  Serve(kImage);
  const json before = Learned(daemon());
  ASSERT_EQ(Keep(before), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}))
      << before.dump(1);
  EXPECT_EQ(Minimize({"--no-record"}).exit_code, 0);
  EXPECT_FALSE(Row(Learned(daemon()), "CAP_CHOWN").contains("proof"));

  const Outcome minimized = Minimize();
  ASSERT_EQ(minimized.exit_code, 0) << minimized.out << minimized.err;
  EXPECT_THAT(minimized.err, HasSubstr("recorded in capmond for docker:web: 2 findings"));
  const json proven = daemon().Json({"profile", "web"});
  EXPECT_EQ(Keep(proven), Keep(before)) << proven.dump(1);
  const json proof = Row(proven, "CAP_CHOWN").at("proof");
  EXPECT_EQ(proof.at("finding"), "undecided");
  EXPECT_EQ(proof.at("withdrawn"), "");
  EXPECT_EQ(proof.at("digest"), proven.at("container").at("image_digest"));
  EXPECT_THAT(proof.at("check").get<std::string>(), HasSubstr("grep served"));
  EXPECT_EQ(Row(proven, "CAP_NET_BIND_SERVICE").at("proof").at("finding"), "needed");
  EXPECT_THAT(daemon().Capmon({"profile", "web", "--as", "docker"}).err,
              AllOf(HasSubstr("# Tried on 2"), HasSubstr("needs NET_BIND_SERVICE")));
  EXPECT_THAT(daemon().Capmon({"explain", "web", "CHOWN"}).out, HasSubstr("Proof: undecided: "));
  EXPECT_THAT(daemon().Capmon({"export", "docker:web"}).out, HasSubstr("found: needed"));

  ASSERT_EQ(daemon().Stop().value_or(-1), 0);
  std::vector<std::string> flags = Flags();
  flags.insert(flags.end(), {"--docker-socket", docker().socket()});
  auto next = CapmonDaemon::Start(directory().path(), flags);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(Row(Learned(*next), "CAP_CHOWN").at("proof"), proof) << "after a restart of capmond";

  ASSERT_EQ(docker().Docker({"rm", "-f", "web"}).exit_code, 0);
  const std::string rootfs = directory() / "rootfs";
  ASSERT_TRUE(WriteFile(rootfs + "/another", "image"));
  const auto imported = docker().Import(rootfs, kOther);
  ASSERT_TRUE(imported.ok()) << imported;
  Serve(kOther);
  const json other = Learned(*next);
  EXPECT_THAT(Row(other, "CAP_CHOWN").at("proof").at("withdrawn").get<std::string>(),
              HasSubstr("another image"))
      << other.dump(1);
  EXPECT_EQ(Keep(other), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}));
}

}  // namespace
}  // namespace capmon
