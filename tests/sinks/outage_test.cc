// SPDX-License-Identifier: Apache-2.0
// A receiver that is away under 1,000 alerts a second, while the sender is killed twice, and a disk
// that is full. $CAPMON_OUTAGE_SECONDS: how long the receiver is away; default 4.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "generated/build_paths.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Json = nlohmann::json;

constexpr int kRate = 1000;

int OutageSeconds() {
  const char* value = std::getenv("CAPMON_OUTAGE_SECONDS");
  return value == nullptr ? 4 : std::max(3, std::atoi(value));
}

class Receiver {
 public:
  Receiver() {
    auto started = ChildProcess::Start({TestSource("http_receiver.py"), directory_.path()});
    EXPECT_TRUE(started.ok()) << started.status();
    server_.emplace(*std::move(started));
    EXPECT_TRUE(Eventually([&] { return server_->out().find('\n') != std::string::npos; }));
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", std::stoi(server_->out())); }
  void GoAway() { EXPECT_TRUE(WriteFile(directory_ / "away", "")); }
  void ComeBack() { EXPECT_EQ(std::remove((directory_ / "away").c_str()), 0); }

  // How many documents arrived, duplicates among them. Reads what is new: a long outage is 700 MB.
  size_t Count() {
    std::ifstream requests(directory_ / "requests");
    requests.seekg(read_);
    for (std::string line; std::getline(requests, line) && !requests.eof();) {
      for (size_t at = 0; (at = line.find("\\\"_id\\\":", at)) != line.npos; ++at) ++count_;
      read_ = requests.tellg();
    }
    return count_;
  }

  // Event ids and numbers.
  using Arrivals = std::vector<std::pair<std::string, uint64_t>>;

  // In the order in which they arrived, duplicates left out; `lost`: what arrived reports of loss
  // say was dropped.
  Arrivals Arrived(uint64_t* lost = nullptr) const {
    Arrivals arrived;
    std::map<std::string, bool> seen;
    std::ifstream text(directory_ / "requests");
    for (std::string line; std::getline(text, line);) {
      std::istringstream body(Json::parse(line)["body"].get<std::string>());
      for (std::string action, document;
           std::getline(body, action) && std::getline(body, document);) {
        const auto message = ParseNativeAlert(document);
        const std::string id = Json::parse(action)["create"]["_id"];
        if (std::exchange(seen[id], true)) continue;
        arrived.emplace_back(id, message.ok() ? message->sequence : 0);
        if (lost != nullptr && message.ok() && id.find("loss") != std::string::npos)
          *lost += message->alert.count;
      }
    }
    return arrived;
  }

 private:
  const TempDir directory_;
  std::optional<ChildProcess> server_;
  std::streamoff read_ = 0;  // of the file of requests
  size_t count_ = 0;
};

ChildProcess Feeder(const std::string& spool, const Receiver& receiver, int from, int to) {
  auto started = ChildProcess::Start({std::string(CAPMON_BINARY_DIR) + "/bin/sink_feeder", spool,
                                      receiver.url(), absl::StrCat(from), absl::StrCat(to),
                                      absl::StrCat(kRate)});
  EXPECT_TRUE(started.ok()) << started.status();
  return *std::move(started);
}

void KillAfterPutting(ChildProcess feeder, int seconds) {
  EXPECT_TRUE(Eventually([&] { return feeder.out().find("put ") != std::string::npos; },
                         std::chrono::seconds(60 + 2 * seconds)))
      << feeder.err();
  feeder.Signal(SIGKILL);
  EXPECT_TRUE(feeder.Wait().ok());
}

TEST(Outage, LosesNothingAlthoughTheSenderIsKilledTwice) {
  if (!OnPath("python3")) GTEST_SKIP() << "python3 is not installed";
  const TempDir spool;
  Receiver receiver;
  const int third = OutageSeconds() * kRate / 3;
  receiver.GoAway();
  KillAfterPutting(Feeder(spool.path(), receiver, 1, third), OutageSeconds());
  KillAfterPutting(Feeder(spool.path(), receiver, third + 1, 2 * third), OutageSeconds());
  ChildProcess last = Feeder(spool.path(), receiver, 2 * third + 1, 3 * third);
  receiver.ComeBack();
  const size_t all = static_cast<size_t>(3 * third);
  EXPECT_TRUE(Eventually([&] { return receiver.Count() >= all; },
                         std::chrono::seconds(120 + 2 * OutageSeconds())));
  const auto arrived = receiver.Arrived();
  ASSERT_EQ(arrived.size(), all);
  for (size_t i = 0; i < all; ++i) {
    ASSERT_EQ(arrived[i].first, absl::StrCat("event-", i + 1)) << "in order";
  }
}

// A small file system that fills.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=600k") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return directory_.path(); }

 private:
  const TempDir directory_;
  const bool mounted_;
};

TEST(Outage, AFullDiskLosesNothingWhileTheSenderRuns) {
  if (!OnPath("python3")) GTEST_SKIP() << "python3 is not installed";
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "this user cannot mount a file system";
  Receiver receiver;
  receiver.GoAway();
  HttpTarget target;
  target.preset = HttpTarget::Preset::kElastic;
  target.url = receiver.url();
  SinkSettings settings;
  settings.name = "siem";
  settings.target = target;
  constexpr size_t kAlerts = 800;  // several times what fits
  const std::vector<Alert> alerts = ManyAlerts(kAlerts);
  const auto sink = OpenSink(settings, disk.path());
  for (size_t i = 0; i < kAlerts; ++i) {
    EXPECT_TRUE(sink->Put(alerts[i]));
    if (i % 100 == 99) {
      EXPECT_TRUE(Eventually([&] { return sink->State().spooled == i + 1; }));
    }
  }
  EXPECT_NE(sink->State().spool_trouble.find("full"), std::string::npos)
      << sink->State().spool_trouble;
  receiver.ComeBack();
  const absl::Status flushed = sink->Flush(std::chrono::seconds(60));
  EXPECT_TRUE(flushed.ok()) << flushed;
  const auto arrived = receiver.Arrived();
  ASSERT_EQ(arrived.size(), kAlerts);
  for (size_t i = 0; i < kAlerts; ++i)
    EXPECT_EQ(arrived[i], std::pair(alerts[i].event_id, static_cast<uint64_t>(i + 1)));
  EXPECT_EQ(sink->State().dropped_spool, 0u);
}

TEST(Outage, AFullSpoolIsReportedInTheFeed) {
  if (!OnPath("python3")) GTEST_SKIP() << "python3 is not installed";
  const TempDir spool;
  Receiver receiver;
  receiver.GoAway();
  HttpTarget target;
  target.preset = HttpTarget::Preset::kElastic;
  target.url = receiver.url();
  SinkSettings settings;
  settings.name = "siem";
  settings.target = target;
  settings.spool.max_messages = 500;
  {
    const auto sink = OpenSink(settings, spool.path());
    for (const Alert& alert : ManyAlerts(2000)) EXPECT_TRUE(sink->Put(alert));
    EXPECT_TRUE(Eventually([&] { return sink->State().dropped_spool >= 1500; }));
  }
  receiver.ComeBack();
  const auto sink = OpenSink(settings, spool.path());  // another process, later
  const absl::Status flushed = sink->Flush(std::chrono::seconds(60));
  EXPECT_TRUE(flushed.ok()) << flushed;
  uint64_t dropped = 0;
  const auto arrived = receiver.Arrived(&dropped);
  ASSERT_FALSE(arrived.empty());
  EXPECT_NE(arrived.back().first.find("loss"), std::string::npos);
  uint64_t last = 0;  // what was being sent was not dropped, so the first ones may be any
  for (const auto& [id, sequence] : arrived) {
    EXPECT_GT(sequence, last);
    last = sequence;
  }
  EXPECT_GE(last, 2001u);  // a report can have been dropped too, and then be in the next one
  EXPECT_EQ(arrived.size() + dropped, last) << dropped << " dropped";
}

}  // namespace
}  // namespace capmon
