// SPDX-License-Identifier: Apache-2.0
// capmond --metrics as a user runs it, with a recording instead of a kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <optional>
#include <sstream>
#include <thread>

#include "tests/e2e/complaint.h"
#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/many_containers.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;

class MetricsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteFile(recording_, SampleRecording())); }

  void Start(const std::vector<std::string>& flags) {
    std::vector<std::string> all = {"--replay", recording_};
    all.insert(all.end(), flags.begin(), flags.end());
    auto daemon = CapmonDaemon::Start(directory_.path(), all);
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  std::string StatusLine() const { return daemon_->Json({"status"}).value("metrics", ""); }
  // Where status says that metrics are.
  ListenAddress Place() const {
    std::string place = StatusLine();
    const std::string scheme = "http://", path = "/metrics";
    if (place.starts_with(scheme))
      place = place.substr(scheme.size(), place.size() - scheme.size() - path.size());
    const auto address = ParseListenAddress(place);
    EXPECT_TRUE(address.ok()) << place;
    return address.value_or(ListenAddress());
  }
  Outcome FailAt(const std::string& address) const {
    return RunProgram({CapmondBinary(), "--replay", recording_, "--address",
                       "unix://" + directory_ / "other.sock", "--metrics", address});
  }

  const TempDir directory_;
  const std::string recording_ = directory_ / "recording";
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(MetricsTest, ShowWhatStatusShows) {
  Start({"--metrics", "127.0.0.1:0"});
  const std::string answer = HttpGet(Place(), "/metrics");
  EXPECT_THAT(answer, HasSubstr("\ncapmon_containers{kind=\"container\",state=\"running\"} 2\n"));
  EXPECT_THAT(answer, HasSubstr("\ncapmon_containers{kind=\"container\",state=\"ended\"} 1\n"));
  EXPECT_THAT(answer, HasSubstr("\ncapmon_checks_total{verdict=\"required\"} 2\n"));
  EXPECT_THAT(answer, HasSubstr("\ncapmon_checks_total{verdict=\"noise\"} 40\n"));
  EXPECT_THAT(answer, HasSubstr("backend=\"tp_btf\",kernel=\"6.18.0\""));
  EXPECT_THAT(answer, HasSubstr("\ncapmon_api_requests_total{method=\"GetStatus\",code=\"OK\"} "));
  EXPECT_THAT(HttpGet(Place(), "/"), testing::StartsWith("HTTP/1.1 404 "));
}

size_t CountSeries(const std::string& answer) {
  std::istringstream lines(answer.substr(answer.find("\r\n\r\n")));
  size_t series = 0;
  for (std::string line; std::getline(lines, line);)
    series += line.starts_with("capmon_") || line.starts_with("process_") ? 1 : 0;
  return series;
}

// Also prints what a scrape takes then; asserts nothing about it.
TEST_F(MetricsTest, AThousandContainersHaveTheSeriesOfThree) {
  Start({"--metrics", "127.0.0.1:0"});
  const size_t few = CountSeries(HttpGet(Place(), "/metrics"));
  daemon_.reset();
  ASSERT_TRUE(WriteFile(recording_, ManyContainers(1000)));
  Start({"--metrics", "127.0.0.1:0"});
  const ListenAddress address = Place();
  const auto started = std::chrono::steady_clock::now();
  const std::string answer = HttpGet(address, "/metrics");
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
  EXPECT_THAT(answer,
              HasSubstr("\ncapmon_containers{kind=\"container\",state=\"running\"} 1000\n"));
  EXPECT_EQ(CountSeries(answer), few);
  std::cout << "a scrape at 1000 containers: " << CountSeries(answer) << " series, "
            << answer.size() << " bytes, " << took.count() << " ms\n";
}

TEST_F(MetricsTest, AreOffByDefault) {
  Start({});
  EXPECT_EQ(StatusLine(), "");
}

TEST_F(MetricsTest, AUnixSocketEndsWithCapmond) {
  const std::string path = directory_ / "metrics.sock";
  Start({"--metrics", "unix://" + path});
  EXPECT_EQ(StatusLine(), "unix://" + path);
  EXPECT_THAT(HttpGet(Place(), "/metrics"), HasSubstr("\ncapmon_healthy 1\n"));
  const auto exit_code = daemon_->Stop();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0);
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST_F(MetricsTest, TheFileOfSettingsTurnsThemOn) {
  ASSERT_TRUE(WriteFile(directory_ / "capmond.yaml", "metrics: 127.0.0.1:0\n"));
  Start({"--config", directory_ / "capmond.yaml"});
  EXPECT_THAT(StatusLine(), testing::StartsWith("http://127.0.0.1:"));
}

TEST_F(MetricsTest, CapmondStopsWhileScraped) {
  Start({"--metrics", "127.0.0.1:0"});
  const ListenAddress address = Place();
  const UniqueFd silent = ConnectTo(address);
  std::atomic<bool> done = false;
  std::atomic<int> whole = 0;
  std::jthread scraping([&] {
    while (!done) whole += HttpGet(address, "/metrics").starts_with("HTTP/1.1 200 ") ? 1 : 0;
  });
  EXPECT_TRUE(Eventually([&] { return whole > 5; }));
  const auto exit_code = daemon_->Stop();
  done = true;
  scraping.join();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 0) << daemon_->process().err();
}

TEST_F(MetricsTest, AddressesThatCannotBeAreOneSentence) {
  ExpectComplaint(FailAt("garbage"), 2, "--metrics: the address \"garbage\"");
  ExpectComplaint(FailAt("127.0.0.1:99999"), 2, "has no port");
  ExpectComplaint(FailAt("0.0.0.0:9464"), 2, "every network");
  ExpectComplaint(FailAt("[::]:9464"), 2, "every network");
  ExpectComplaint(FailAt("192.0.2.1:9464"), 2, "no address of this machine");
  ExpectComplaint(FailAt("unix:///tmp/" + std::string(200, 'x')), 2, "too long");
  ExpectComplaint(FailAt("unix://" + directory_ / "missing/m.sock"), 2, "missing/m.sock");
  ExpectComplaint(FailAt("unix://" + recording_), 2, "is not a socket");
  EXPECT_EQ(ReadFile(recording_), SampleRecording());
  EXPECT_NE(::access((directory_ / "other.sock").c_str(), F_OK), 0);
}

TEST_F(MetricsTest, AnotherProgramOnThePort) {
  Start({"--metrics", "127.0.0.1:0"});
  ExpectComplaint(FailAt(Print(Place())), 1, "another program listens there");
  EXPECT_THAT(HttpGet(Place(), "/metrics"), testing::StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace capmon
