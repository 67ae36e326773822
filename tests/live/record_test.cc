// SPDX-License-Identifier: Apache-2.0
// `capmon record` with a real nginx and a client that uses it: what it prints when it ends by
// itself is what the corpus measured that nginx needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "generated/build_paths.h"
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

constexpr char kImage[] = "capmon-nginx:1";
constexpr uid_t kWorker = 1000;

// The set with which the corpus' nginx did its job, and without any of which it did not.
std::set<std::string> CorpusTruth(const std::string& name) {
  std::istringstream lines(ReadFile(CAPMON_SOURCE_DIR "/tests/replay/corpus/truth.tsv"));
  std::set<std::string> truth;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + "\t")) continue;
    std::istringstream words(line.substr(name.size() + 1, line.find('\t', name.size() + 1)));
    for (std::string word; words >> word && word != "-";) truth.insert("CAP_" + word);
  }
  return truth;
}

class RecordTest : public LiveTest {
 protected:
  RecordTest() : LiveTest({"dockerd", "docker", "busybox", "nginx", "nsenter", "curl"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    const std::string rootfs = directory_ / "rootfs";
    ASSERT_TRUE(MakeRoot(rootfs));
    auto docker = DockerDaemon::Start();
    ASSERT_TRUE(docker.ok()) << docker.status();
    docker_.emplace(*std::move(docker));
    ASSERT_TRUE(docker_->Import(rootfs, kImage).ok());
    auto daemon = CapmonDaemon::Start(
        directory_.path(), {"--docker-socket", docker_->socket(), "--stable-after", "5"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    StartNginx();
  }
  void TearDown() override {
    stop_ = true;
    if (client_.joinable()) client_.join();
  }

  // As the package leaves it: its logs belong to the user of its workers.
  static bool MakeRoot(const std::string& rootfs) {
    if (!MakeBusyboxRootfs(rootfs).ok()) return false;
    for (const char* folder : {"/var/log/nginx", "/var/lib/nginx", "/run", "/srv/www"})
      std::filesystem::create_directories(rootfs + folder);
    return WriteFile(rootfs + "/srv/www/index.html", "hello from nginx\n") &&
           WriteFile(rootfs + "/srv/conf",
                     "user worker; pid /run/nginx.pid; events {}\n"
                     "http { server { listen 127.0.0.1:80; root /srv/www; } }\n") &&
           ::chown((rootfs + "/var/log/nginx").c_str(), kWorker, kWorker) == 0;
  }
  void StartNginx() {
    std::vector<std::string> line = {"run", "-d", "--network", "none", "--name", "web", "--sysctl",
                                     // Docker opens low ports to all; most others do not.
                                     "net.ipv4.ip_unprivileged_port_start=1024", "-e",
                                     "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    for (const char* folder : {"/sbin", "/usr", "/lib", "/lib64"})
      if (std::filesystem::exists(folder))
        line.insert(line.end(), {"-v", std::string(folder) + ":" + folder + ":ro"});
    line.insert(line.end(), {kImage, "/usr/sbin/nginx", "-c", "/srv/conf", "-g", "daemon off;"});
    const Outcome started = docker_->Docker(line);
    ASSERT_EQ(started.exit_code, 0) << started.err;
    ASSERT_TRUE(Eventually([&] { return Get(); })) << docker_->Docker({"logs", "web"}).err;
  }
  void UseIt() {
    client_ = std::thread([this] {
      while (!stop_) {
        (void)Get();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      }
    });
  }
  // From outside, without an exec in the container: nginx makes no check to answer.
  bool Get() const {
    const Outcome pid = docker_->Docker({"inspect", "-f", "{{.State.Pid}}", "web"});
    return RunProgram({"nsenter", "-n", "-t", pid.out.substr(0, pid.out.find('\n')), "curl", "-fsS",
                       "-m", "2", "http://127.0.0.1/"})
               .out == "hello from nginx\n";
  }

  TempDir directory_;
  std::optional<DockerDaemon> docker_;
  std::optional<CapmonDaemon> daemon_;
  std::atomic<bool> stop_ = false;
  std::thread client_;
};

TEST_F(RecordTest, EndsByItselfWithWhatTheCorpusMeasured) {
  if (!CanRun()) return;
  UseIt();
  auto record = ChildProcess::Start(
      daemon_->CommandLine({"record", "web", "--until-stable", "5s", "-o", "json"}));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->Wait(std::chrono::seconds(120)).value_or(-1), 0) << record->err();
  EXPECT_THAT(record->err(), AllOf(HasSubstr("1 start"), HasSubstr("stable")));
  const json profile = json::parse(record->out(), nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(profile.is_object()) << record->out();
  EXPECT_EQ(profile.at("confidence").at("state"), "stable");
  const std::set<std::string> truth = CorpusTruth("nginx");
  ASSERT_FALSE(truth.empty());
  EXPECT_EQ(Keep(profile), truth) << profile.dump(1);
  EXPECT_EQ(profile.at("recommendation").at("unknown"), json::array());
}

TEST_F(RecordTest, InterruptedItSaysWhatIsMissing) {
  if (!CanRun()) return;
  auto record =
      ChildProcess::Start(daemon_->CommandLine({"record", "web", "--until-stable", "1h"}));
  ASSERT_TRUE(record.ok()) << record.status();
  ASSERT_TRUE(Eventually([&] { return record->err().find("missing: ") != std::string::npos; }))
      << record->err();
  EXPECT_TRUE(record->Running());
  record->Signal(SIGINT);
  EXPECT_EQ(record->Wait().value_or(-1), 5) << record->err();
  EXPECT_THAT(record->err(),
              AllOf(HasSubstr("1 start"), HasSubstr("missing: "), HasSubstr("60 m ago")));
  EXPECT_THAT(record->out(), AllOf(HasSubstr("Keep: "), HasSubstr("NET_BIND_SERVICE")));
}

}  // namespace
}  // namespace capmon
