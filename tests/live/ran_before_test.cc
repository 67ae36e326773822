// SPDX-License-Identifier: Apache-2.0
// Real servers that ran before capmond started: no output of any command may advise to remove
// something from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
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
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kImage[] = "capmon-test:1";

struct Server {
  std::string name;
  std::string script;  // ends as the server
};

// Everything on the container's own loopback, with its own files.
const std::vector<Server>& Servers() {
  static const auto* const servers = new std::vector<Server>{
      {"nginx",
       "mkdir -p /srv/n /var/log/nginx /var/lib/nginx\n"
       "printf 'user worker; pid /srv/n/pid; error_log stderr; events {} http { access_log off; "
       "server { listen 127.0.0.1:80; } }' >/srv/n/conf\n"
       "exec nginx -c /srv/n/conf -g 'daemon off;'"},
      {"sshd",
       "mkdir -p /run/sshd /srv/s\n"
       "echo 'sshd:x:100:65534::/run/sshd:/bin/false' >>/etc/passwd\n"
       "ssh-keygen -q -t ed25519 -N '' -f /srv/s/key\n"
       "exec /usr/sbin/sshd -D -f /dev/null -h /srv/s/key -o ListenAddress=127.0.0.1"},
      {"postgres",
       "mkdir -p /srv/p && chown worker /srv/p\n"
       "bin=$(dirname $(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1))\n"
       "as='/usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups'\n"
       "$as $bin/initdb -D /srv/p/data -A trust >/dev/null\n"
       "exec $as $bin/postgres -D /srv/p/data -k /srv/p -h 127.0.0.1"},
      {"redis",
       "mkdir -p /srv/r && chown worker /srv/r && cd /srv/r\n"
       "exec /usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups "
       "redis-server --bind 127.0.0.1 --save ''"},
      {"coredns",
       "cp /bin/busybox /srv/busybox-dns && /usr/sbin/setcap cap_net_bind_service=ep "
       "/srv/busybox-dns\n"
       "exec /usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups /srv/busybox-dns httpd -f "
       "-p "
       "127.0.0.1:53"},
  };
  return *servers;
}

const std::vector<std::string>& Kinds() {
  static const auto* const kinds = new std::vector<std::string>{
      "docker",  "podman",     "compose", "k8s",      "k8s-patch", "psa",    "vap",
      "kyverno", "gatekeeper", "systemd", "apparmor", "oci",       "setcap", "seccomp"};
  return *kinds;
}

class RanBeforeTest : public LiveTest {
 protected:
  RanBeforeTest()
      : LiveTest({"dockerd", "docker", "busybox", "nginx", "sshd", "ssh-keygen", "redis-server",
                  "psql", "setpriv", "setcap"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun() || daemon_) return;
    ASSERT_FALSE(docker_) << "the servers could not be started";
    directory_ = std::make_unique<TempDir>();
    const std::string rootfs = *directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs).ok());
    auto docker = DockerDaemon::Start();
    ASSERT_TRUE(docker.ok()) << docker.status();
    docker_.emplace(*std::move(docker));
    ASSERT_TRUE(docker_->Import(rootfs, kImage).ok());
    for (const Server& server : Servers()) ASSERT_NO_FATAL_FAILURE(Start(server));
    auto daemon = CapmonDaemon::Start(directory_->path(), {"--docker-socket", docker_->socket()});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    for (const Server& server : Servers())
      ASSERT_TRUE(Eventually([&] {
        return daemon_->Capmon({"profile", server.name}).exit_code == 0;
      })) << server.name;
  }

  static void TearDownTestSuite() {
    daemon_.reset();
    docker_.reset();
    directory_.reset();
  }

  // Starts a server with this host's programs and waits until it listens.
  static void Start(const Server& server) {
    std::vector<std::string> line = {
        "run",    "-d",        "--network", "none",
        "--name", server.name, "-e",        "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    for (const char* folder : {"/sbin", "/usr", "/lib", "/lib64"})
      if (std::filesystem::exists(folder))
        line.insert(line.end(), {"-v", std::string(folder) + ":" + folder + ":ro"});
    line.insert(line.end(), {kImage, "/bin/sh", "-c", "set -e\n" + server.script});
    const Outcome started = docker_->Docker(line);
    ASSERT_EQ(started.exit_code, 0) << started.err;
    ASSERT_TRUE(Eventually([&] { return Listens(server.name); }, std::chrono::seconds(60)))
        << docker_->Docker({"logs", server.name}).err;
  }

  static bool Listens(const std::string& name) {
    const Outcome pid = docker_->Docker({"inspect", "-f", "{{.State.Pid}}", name});
    std::ifstream file("/proc/" + pid.out.substr(0, pid.out.find('\n')) + "/net/tcp");
    for (std::string line; std::getline(file, line);)
      if (line.find(" 0A ") != line.npos) return true;  // TCP_LISTEN
    return false;
  }

  static CapmonDaemon& daemon() { return *daemon_; }
  static const TempDir& directory() { return *directory_; }

 private:
  static inline std::unique_ptr<TempDir> directory_;
  static inline std::optional<DockerDaemon> docker_;
  static inline std::optional<CapmonDaemon> daemon_;
};

TEST_F(RanBeforeTest, EveryProfileSaysUnknownAndRemovesNothing) {
  for (const Server& server : Servers()) {
    SCOPED_TRACE(server.name);
    const json profile = daemon().Json({"profile", server.name});
    ASSERT_TRUE(profile.is_object());
    const json& advice = profile.at("recommendation");
    EXPECT_EQ(advice.at("remove"), json::array()) << profile.dump(1);
    EXPECT_FALSE(advice.at("unknown").empty());
    EXPECT_NE(advice.at("unknown_reason"), "");
    EXPECT_NE(advice.at("non_root"), "safe");
    EXPECT_NE(advice.at("no_new_privileges"), "safe");
    EXPECT_EQ(profile.at("confidence").at("state"), "learning");
    std::set<std::string> all = advice.at("keep");
    for (const json& name : advice.at("unknown")) all.insert(name);
    EXPECT_EQ(all, profile.at("held").at("bounding").get<std::set<std::string>>());
    for (const json& row : profile.at("capabilities"))
      if (row.at("granted") && !row.at("keep")) {
        EXPECT_EQ(row.at("verdict"), "unknown") << row;
      }
    const Outcome table = daemon().Capmon({"profile", server.name});
    EXPECT_THAT(table.out, AllOf(HasSubstr("Remove: nothing\n"), HasSubstr("Unknown: "),
                                 HasSubstr("its start was not seen: it ran before capmond"),
                                 Not(HasSubstr("unused")), Not(HasSubstr("never checked"))));
  }
}

TEST_F(RanBeforeTest, NoKindOfSettingsIsGiven) {
  for (const Server& server : Servers()) {
    for (const std::string& kind : Kinds()) {
      const Outcome settings = daemon().Capmon({"profile", server.name, "--as", kind});
      EXPECT_EQ(settings.exit_code, 5) << server.name << " " << kind << settings.out;
      EXPECT_EQ(settings.out, "");
      EXPECT_THAT(settings.err, AllOf(HasSubstr("its start was not seen"), HasSubstr("recreate it"),
                                      HasSubstr("--assume-unused")));
    }
    const Outcome assumed =
        daemon().Capmon({"profile", server.name, "--as", "docker", "--assume-unused"});
    EXPECT_EQ(assumed.exit_code, 0) << assumed.err;
    EXPECT_THAT(assumed.out, HasSubstr("--cap-drop=ALL"));
    const Outcome strict = daemon().Capmon({"profile", server.name, "--strict"});
    EXPECT_EQ(strict.exit_code, 5);
    EXPECT_THAT(strict.err, AllOf(HasSubstr("recreate it"), Not(HasSubstr("run longer"))));
  }
}

TEST_F(RanBeforeTest, ListExplainAndTheMatrixCountThemApart) {
  const json listed = daemon().Json({"list", "--instances"});
  size_t found = 0;
  for (const json& summary : listed.at("containers")) {
    for (const Server& server : Servers()) {
      if (summary.at("container").at("name") != server.name) continue;
      ++found;
      EXPECT_FALSE(summary.at("unknown").empty());
      EXPECT_EQ(summary.at("used").size() + summary.at("unknown").size(), summary.at("held"));
    }
  }
  EXPECT_EQ(found, Servers().size());
  std::istringstream rows(
      daemon().Capmon({"list", "--instances", "-o", "matrix", "--ascii", "--no-headers"}).out);
  for (std::string row; std::getline(rows, row);) {
    for (const Server& server : Servers())
      if (row.starts_with(server.name + " ")) {
        EXPECT_THAT(row, Not(HasSubstr(" o"))) << row;
      }
  }
  for (const Server& server : Servers()) {
    for (const char* capability : {"MKNOD", "SETUID", "NET_BIND_SERVICE"}) {
      const json explained = daemon().Json({"explain", server.name, capability}).at("capability");
      EXPECT_TRUE(explained.at("keep") || explained.at("verdict") == "unknown") << explained;
    }
  }
}

TEST_F(RanBeforeTest, TheReportHasNoSettingsAndNothingToRemove) {
  const std::string page = directory() / "page.html";
  ASSERT_EQ(daemon().Capmon({"report", "-o", page}).exit_code, 0);
  const std::string html = ReadFile(page);
  for (const Server& server : Servers()) {
    const size_t begin = html.find(server.name + "</bdi></h3>");
    ASSERT_NE(begin, html.npos) << server.name;
    const std::string section = html.substr(begin, html.find("</details>", begin) - begin);
    EXPECT_THAT(section, AllOf(HasSubstr("<strong>Remove</strong>nothing"),
                               HasSubstr("<strong>Unknown</strong>"), Not(HasSubstr("cap-drop")),
                               Not(HasSubstr("drop:")), Not(HasSubstr("unused"))))
        << server.name;
  }
}

TEST_F(RanBeforeTest, TheHostAndItsUnitsAreNoExceptions) {
  for (const json& summary : daemon().Json({"list", "--instances"}).at("containers")) {
    if (!summary.at("held_known")) continue;
    const std::string path = summary.at("container").at("cgroup_path");
    const json profile = daemon().Json({"profile", "cgroup:" + path});
    if (!profile.is_object() || Number(profile.at("confidence"), "starts") > 0) continue;
    EXPECT_EQ(profile.at("recommendation").at("remove"), json::array()) << path;
  }
}

// Its evidence begins again, without its start.
TEST_F(RanBeforeTest, AfterAResetTheyAreUnknownStill) {
  ASSERT_EQ(daemon().Capmon({"reset", "redis"}).exit_code, 0);
  EXPECT_EQ(daemon().Json({"profile", "redis"}).at("recommendation").at("remove"), json::array());
  EXPECT_EQ(daemon().Capmon({"profile", "redis", "--as", "docker"}).exit_code, 5);
}

}  // namespace
}  // namespace capmon
