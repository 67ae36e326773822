// SPDX-License-Identifier: Apache-2.0
// Hostile clients of both sockets: thousands of connections that say nothing, garbage, and clients
// that do not read or hardly write. Others are answered meanwhile, and memory comes back.
//
// Memory is RssAnon of /proc/PID/status: what capmond alone occupies, without files and what it
// shares. It is compared with the least that was seen after ordinary requests.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <optional>
#include <thread>

#include "generated/build_paths.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/hostile_client.h"
#include "tests/support/many_containers.h"
#include "tests/support/receivers.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

constexpr int kHalfOpen = 5000;
constexpr int kContainers = 300;
// All that the limits of connections allow, and what capmond has open of its own.
constexpr int kDescriptors = 384 + 2 * 96 + 60;

enum class Way { kUnix, kTcp, kTls };

class AccessFloodTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user than the hostile one";
    rlimit descriptors = {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    descriptors.rlim_cur = descriptors.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    if (descriptors.rlim_max < kHalfOpen + 1000)
      GTEST_SKIP() << "needs " << kHalfOpen + 1000 << " descriptors";
    ::signal(SIGPIPE, SIG_IGN);
    const Outcome made =
        RunProgram({CAPMON_SOURCE_DIR "/tests/support/api_certificates.sh", directory_.path()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    ASSERT_TRUE(WriteFile(directory_ / "recording", ManyContainers(kContainers)));
    ::setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);  // as the unit and the image do
    auto daemon = CapmonDaemon::Start(
        directory_.path(),
        {"--replay", directory_ / "recording", "--listen", "127.0.0.1:" + std::to_string(port_),
         "--tls-cert", directory_ / "server.pem", "--tls-key", directory_ / "server.key",
         "--tls-client-ca", directory_ / "ca.pem", "--requests-per-second", "100000"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    ::chmod(directory_.path().c_str(), 0755);
    ::chmod((directory_ / "capmon.sock").c_str(), 0666);
  }

  HostileClient Connect(Way way) const {
    if (way == Way::kUnix) return HostileClient::ByUnix(directory_ / "capmon.sock");
    return way == Way::kTcp ? HostileClient::ByTcp(port_)
                            : HostileClient::ByTls(port_, directory_.path());
  }
  std::vector<HostileClient> ConnectMany(Way way, int count, const std::string& beginning) const {
    std::vector<HostileClient> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(Connect(way));
      clients.back().Send(beginning);
    }
    return clients;
  }

  void ExpectAnswers(const std::string& when) const {
    const Outcome local = daemon_->Capmon({"list"});
    EXPECT_EQ(local.exit_code, 0) << when << ": " << local.err;
    const Outcome remote =
        RunProgram({CapmonBinary(), "--address", "127.0.0.1:" + std::to_string(port_), "--tls-ca",
                    directory_ / "ca.pem", "--tls-cert", directory_ / "viewer.pem", "--tls-key",
                    directory_ / "viewer.key", "list"});
    EXPECT_EQ(remote.exit_code, 0) << when << ": " << remote.err;
  }
  // Some at once, so that capmond has the threads that it has when it is used.
  void MakeOrdinaryRequests() const {
    for (int i = 0; i < 2; ++i) {
      std::vector<std::jthread> clients;
      for (int k = 0; k < 20; ++k) clients.emplace_back([this] { ExpectAnswers("before"); });
    }
  }

  std::string ProcessDirectory() { return "/proc/" + std::to_string(daemon_->process().pid()); }
  long Memory() {
    std::ifstream status(ProcessDirectory() + "/status");
    long kilobytes = 0;
    for (std::string word; status >> word;)
      if (word == "RssAnon:") status >> kilobytes;
    least_ = std::min(least_, kilobytes);
    return kilobytes;
  }
  int Descriptors() {
    const std::filesystem::directory_iterator all(ProcessDirectory() + "/fd");
    return static_cast<int>(std::distance(begin(all), end(all)));
  }

  // Runs one kind of flood, which returns when it has ended.
  template <typename Flood>
  void Survives(const std::string& kind, Flood flood) {
    const long before = Memory();
    flood(kind);
    const bool back = Eventually([&] { return Memory() * 10 <= least_ * 11; });
    EXPECT_TRUE(back) << kind << ": " << Memory() << " kB, and it was " << least_;
    std::cout << kind << ": RssAnon " << before << " kB before, " << Memory() << " kB after\n";
  }
  // Connections that stay open while others are answered.
  void SurvivesMany(const std::string& kind, Way way, int count, const std::string& beginning) {
    Survives(kind, [&](const std::string& name) {
      const auto clients = ConnectMany(way, count, beginning);
      ExpectAnswers(name);
      EXPECT_LT(Descriptors(), kDescriptors) << name;
    });
  }

  void SurvivesGarbage(const std::string& kind, Way way) {
    Survives(kind, [&](const std::string& name) {
      for (const std::string& beginning :
           {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(4096, '\0'),
            std::string(4096, '\xff'), Preface() + std::string(4096, '\xff'),
            Preface() + Frame(1, 4, 1, std::string(2000, '\x3f')),
            "\x16\x03\x01\x02" + std::string(4096, 'x')})
        (void)ConnectMany(way, 300, beginning);
      ExpectAnswers(name);
    });
  }
  // One byte of a request in a second.
  void SurvivesSlowWriters(const std::string& kind, Way way) {
    Survives(kind, [&](const std::string& name) {
      const auto clients = ConnectMany(way, 50, Preface());
      const std::string request = Request("ListContainers", 1);
      for (size_t second = 0; second < 4; ++second) {
        for (const HostileClient& client : clients) client.Send(request.substr(second, 1));
        ExpectAnswers(name);
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    });
  }

  const TempDir directory_;
  const int port_ = FreePort();
  long least_ = std::numeric_limits<long>::max();
  std::optional<CapmonDaemon> daemon_;
};

std::string Requests(const std::vector<std::string>& methods, uint32_t count) {
  std::string requests = Preface();
  for (uint32_t i = 0; i < count; ++i) requests += Request(methods[i % methods.size()], 2 * i + 1);
  return requests;
}

TEST_F(AccessFloodTest, OthersAreAnsweredAndMemoryComesBack) {
  MakeOrdinaryRequests();
  std::this_thread::sleep_for(std::chrono::seconds(6));  // then it has returned what those left
  Memory();
  SurvivesMany("silent, Unix", Way::kUnix, kHalfOpen, "");
  SurvivesMany("silent, TCP", Way::kTcp, kHalfOpen, "");
  SurvivesMany("half a preface, Unix", Way::kUnix, kHalfOpen, Preface().substr(0, 10));
  SurvivesMany("half a record, TCP", Way::kTcp, kHalfOpen, "\x16");
  SurvivesMany("half a handshake, TCP", Way::kTcp, kHalfOpen, ClientHello());
  SurvivesMany("half a hello, TCP", Way::kTcp, kHalfOpen, ClientHello().substr(0, 60));
  SurvivesGarbage("garbage, Unix", Way::kUnix);
  SurvivesGarbage("garbage, TCP", Way::kTcp);
  SurvivesMany("preface, Unix", Way::kUnix, kHalfOpen, Preface());
  SurvivesMany("preface, TLS", Way::kTls, 300, Preface());
  const std::string lists = Requests({"ListContainers"}, 200);
  SurvivesMany("slow readers of lists, Unix", Way::kUnix, 60, lists);
  SurvivesMany("slow readers of lists, TLS", Way::kTls, 60, lists);
  const std::string streams = Requests({"WatchEvents", "WatchAlerts"}, 20);
  SurvivesMany("slow readers of streams, Unix", Way::kUnix, 200, streams);
  SurvivesMany("slow readers of streams, TLS", Way::kTls, 60, streams);
  SurvivesSlowWriters("slow writers, Unix", Way::kUnix);
  SurvivesSlowWriters("slow writers, TLS", Way::kTls);
  ExpectAnswers("afterwards");
  const std::string status = daemon_->Capmon({"status"}).out;
  for (const char* const counter :
       {"api_closed_silent", "api_closed_garbage", "api_refused_connections", "api_refused_calls"})
    EXPECT_THAT(status, HasSubstr(counter));
}

}  // namespace
}  // namespace capmon
