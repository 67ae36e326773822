// SPDX-License-Identifier: Apache-2.0
// Alerts survive a restart: what the monitor reports is enough for the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

constexpr CgroupId kCgroup = 42;
constexpr TimeNs kDay = 24LL * 3600 * kSecond;

ChecksCounted Denied(TimeNs time, uint64_t count) {
  ChecksCounted counted;
  counted.time = time;
  counted.key.cgroup = kCgroup;
  counted.key.capability = 13;
  counted.key.exe_origin = ExeOrigin::kOwn;
  counted.key.exe = 7;
  counted.key.site = "inet_create";
  counted.key.syscall = "socket";
  counted.counts.count = count;
  return counted;
}

class AlertHistoryTest : public testing::Test {
 protected:
  // Starts a capmond of its own, which continues with what is in the store.
  void Start() {
    store_.reset();
    monitor_.emplace(CallSites::BuiltIn(), Monitor::Options{.track_changes = true});
    monitor_->OnAlert([this](const Alert& alert) { published_.push_back(alert); });
    auto opened = SqliteStore::Open(directory_ / "state", "this boot");
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
    monitor_->Restore(store_->DrainLoaded());
  }
  void Persist() {
    const absl::Status status = store_->Write(monitor_->DrainChanges(), {});
    ASSERT_TRUE(status.ok()) << status;
  }

  TempDir directory_;
  std::optional<Monitor> monitor_;
  std::unique_ptr<SqliteStore> store_;
  std::vector<Alert> published_;
};

TEST_F(AlertHistoryTest, AnAlertContinuesToCountAfterARestart) {
  Start();
  monitor_->Apply(CgroupMade{kSecond, kCgroup, "/docker/" + std::string(64, 'a'), false});
  monitor_->Apply(Denied(2 * kSecond, 3));
  ASSERT_EQ(published_.size(), 1u);
  EXPECT_FALSE(published_[0].update);
  Alert detailed = published_[0];
  detailed.process.command_line = "sh -c 'x'";
  detailed.unread = {{"process.uid", "why"}};
  monitor_->NoteDetails(detailed);
  Persist();
  for (int restart = 0; restart < 2; ++restart) Start();
  const std::vector<Alert> past = monitor_->PastAlerts();
  ASSERT_EQ(past.size(), 1u);
  EXPECT_EQ(past[0].id, published_[0].id);
  EXPECT_EQ(past[0].count, 3u);
  EXPECT_EQ(past[0].container.id, std::string(64, 'a'));
  EXPECT_EQ(past[0].process.command_line, "sh -c 'x'");
  EXPECT_EQ(past[0].unread, detailed.unread);
  EXPECT_EQ(past[0].rule, "CM004");
  published_.clear();
  monitor_->Apply(Denied(100 * kSecond, 4));
  EXPECT_TRUE(published_.empty()) << "it is no news";
  monitor_->Apply(Tick{100 * kSecond});
  ASSERT_EQ(published_.size(), 1u);
  EXPECT_TRUE(published_[0].update);
  EXPECT_EQ(published_[0].count, 7u);
}

TEST_F(AlertHistoryTest, OldAlertsAreDeleted) {
  Start();
  monitor_->Apply(CgroupMade{kSecond, kCgroup, "/docker/" + std::string(64, 'a'), false});
  monitor_->Apply(Denied(2 * kSecond, 3));
  Persist();
  monitor_->Apply(Tick{29 * kDay});
  EXPECT_EQ(monitor_->PastAlerts().size(), 1u);
  monitor_->Apply(Tick{31 * kDay});
  EXPECT_TRUE(monitor_->PastAlerts().empty());
  Persist();
  Start();
  EXPECT_TRUE(monitor_->PastAlerts().empty());
}

TEST_F(AlertHistoryTest, WhatCouldNotBeWrittenIsWrittenLater) {
  Start();
  monitor_->Apply(CgroupMade{kSecond, kCgroup, "/docker/" + std::string(64, 'a'), false});
  monitor_->Apply(Denied(2 * kSecond, 3));
  monitor_->Rollback(monitor_->DrainChanges());
  Persist();
  Start();
  EXPECT_EQ(monitor_->PastAlerts().size(), 1u);
}

}  // namespace
}  // namespace capmon
