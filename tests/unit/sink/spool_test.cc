// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/spool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "daemon/sink/spool_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sink/sink_alert.h"

namespace capmon {
namespace {

std::string Line(uint64_t sequence, const Alert& alert) {
  return std::to_string(sequence) + ":" + alert.message;
}

std::unique_ptr<Spool> OpenSpool(const std::string& path, SpoolSettings limits = {}) {
  auto spool = Spool::Open(path, limits, Line);
  EXPECT_TRUE(spool.ok()) << spool.status();
  return *std::move(spool);
}

void AppendNumbers(Spool& spool, int from, int to) {
  std::vector<Alert> alerts;
  for (int i = from; i <= to; ++i) alerts.push_back(NumberedAlert(i));
  spool.Append(alerts);
}

std::vector<std::string> Lines(Spool& spool, size_t limit = 1000) {
  std::vector<std::string> lines;
  for (const Spool::Row& row : spool.Front(limit, 1 << 20)) lines.push_back(row.line);
  return lines;
}

using StringList = std::vector<std::string>;

class SpoolPlace : public testing::TestWithParam<bool> {
 protected:
  std::string path() const { return GetParam() ? directory_ / "sink-a.db" : ""; }
  const TempDir directory_;
};

INSTANTIATE_TEST_SUITE_P(Places, SpoolPlace, testing::Bool(),
                         [](const auto& each) { return each.param ? "Disk" : "Memory"; });

TEST_P(SpoolPlace, GivesMessagesInOrderUntilTheyAreSettled) {
  const auto spool = OpenSpool(path());
  AppendNumbers(*spool, 1, 5);
  EXPECT_EQ(Lines(*spool, 2), (StringList{"1:alert 1", "2:alert 2"}));
  spool->Release();
  EXPECT_EQ(Lines(*spool, 3), (StringList{"1:alert 1", "2:alert 2", "3:alert 3"}));
  spool->Settle(2, {});
  EXPECT_EQ(Lines(*spool), (StringList{"3:alert 3", "4:alert 4", "5:alert 5"}));
  spool->Settle(5, {});
  EXPECT_EQ(spool->state().messages, 0u);
  EXPECT_EQ(spool->state().bytes, 0u);
  EXPECT_TRUE(Lines(*spool).empty());
}

TEST_P(SpoolPlace, DropsTheOldestAndReportsThemInTheFeed) {
  const auto spool = OpenSpool(path(), {.max_bytes = 1 << 20, .max_messages = 3});
  AppendNumbers(*spool, 1, 5);
  EXPECT_EQ(spool->state().dropped, 2u);
  EXPECT_EQ(Lines(*spool, 1), StringList{"3:alert 3"});
  spool->Settle(3, {});
  spool->AddQueueLoss(4);
  FeedLoss reported;
  spool->ReportLoss([&](const FeedLoss& loss) {
    reported = loss;
    return NumberedAlert(99);
  });
  EXPECT_EQ(reported, (FeedLoss{4, 2, 1, 2}));
  EXPECT_FALSE(spool->state().has_loss);
  EXPECT_EQ(Lines(*spool), (StringList{"4:alert 4", "5:alert 5", "6:alert 99"}));
}

TEST_P(SpoolPlace, ADroppedReportGivesItsCountsBack) {
  const auto spool = OpenSpool(path(), {.max_bytes = 1 << 20, .max_messages = 2});
  AppendNumbers(*spool, 1, 4);                                          // 1 and 2 are dropped
  spool->ReportLoss([](const FeedLoss&) { return NumberedAlert(0); });  // and 3
  AppendNumbers(*spool, 6, 8);  // 4 and the report, number 5
  FeedLoss reported;
  spool->ReportLoss([&](const FeedLoss& loss) {
    reported = loss;
    return NumberedAlert(99);
  });
  EXPECT_EQ(reported.first, 1u);
  EXPECT_EQ(reported.last, 7u) << "which made room for this report";
  EXPECT_EQ(reported.spool, 7u);
}

TEST_P(SpoolPlace, NeverDropsWhatIsBeingSent) {
  const auto spool = OpenSpool(path(), {.max_bytes = 1 << 20, .max_messages = 2});
  AppendNumbers(*spool, 1, 2);
  EXPECT_EQ(Lines(*spool).size(), 2u);  // in flight
  AppendNumbers(*spool, 3, 6);
  EXPECT_EQ(spool->state().dropped, 4u);
  spool->Settle(2, {});
  EXPECT_EQ(spool->state().messages, 0u);
}

TEST_P(SpoolPlace, IsBoundedInBytes) {
  const auto spool = OpenSpool(path(), {.max_bytes = 25, .max_messages = 100});
  AppendNumbers(*spool, 1, 9);  // 9 bytes each
  EXPECT_EQ(spool->state().messages, 2u);
  EXPECT_EQ(spool->state().bytes, 18u);
}

TEST(Spool, ContinuesWhereAnotherProcessStopped) {
  const TempDir directory;
  const std::string path = directory / "sink-a.db";
  {
    const auto spool = OpenSpool(path, {.max_bytes = 1 << 20, .max_messages = 4});
    AppendNumbers(*spool, 1, 6);
    Lines(*spool, 1);
    spool->Settle(3, {});
  }
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto spool = OpenSpool(path);
  EXPECT_TRUE(spool->state().has_loss) << "1 and 2 are not reported yet";
  AppendNumbers(*spool, 7, 7);
  EXPECT_EQ(Lines(*spool), (StringList{"4:alert 4", "5:alert 5", "6:alert 6", "7:alert 7"}));
}

TEST(Spool, NumbersGoOnAfterAllWasDelivered) {
  const TempDir directory;
  for (int run = 1; run <= 3; ++run) {
    const auto spool = OpenSpool(directory / "sink-a.db");
    AppendNumbers(*spool, run, run);
    EXPECT_EQ(Lines(*spool).front()[0], '0' + run);
    spool->Settle(static_cast<uint64_t>(run), {});
  }
}

TEST(Spool, ADamagedFileIsSetAside) {
  const TempDir directory;
  const std::string path = directory / "sink-a.db";
  ASSERT_TRUE(WriteFile(path, std::string(8192, 'x')));
  const auto spool = OpenSpool(path);
  EXPECT_NE(spool->state().trouble.find(".set-aside-"), std::string::npos)
      << spool->state().trouble;
  AppendNumbers(*spool, 1, 1);
  EXPECT_EQ(Lines(*spool), StringList{"1:alert 1"});
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    files += entry.path().string().find(".set-aside-") != std::string::npos;
  EXPECT_EQ(files, 1);
}

TEST(Spool, APathThatCannotHoldAFileIsAFault) {
  const TempDir directory;
  EXPECT_FALSE(Spool::Open(directory / "missing" + "/sink-a.db", {}, Line).ok());
  EXPECT_FALSE(Spool::Open(directory.path(), {}, Line).ok());
}

TEST(Spool, StoresTheLatestRefusedMessages) {
  const TempDir directory;
  const std::string path = directory / "sink-a.db";
  {
    const auto spool = OpenSpool(path);
    AppendNumbers(*spool, 1, 200);
    std::vector<Spool::Refusal> refused;
    for (const Spool::Row& row : spool->Front(200, 1 << 20))
      refused.push_back({row.sequence, row.line, "no such index"});
    spool->Settle(200, refused);
  }
  auto database = OpenSpoolFile(path);
  ASSERT_TRUE(database.ok()) << database.status();
  Statement rows = (*database)->Prepare("SELECT count(*), min(sequence), max(reason) FROM refused");
  ASSERT_TRUE(rows.Next());
  EXPECT_EQ(rows.Int(0), Spool::kMaxRefusedStored);
  EXPECT_EQ(rows.Int(1), 101);
  EXPECT_EQ(rows.Text(2), "no such index");
}

TEST(Spool, NamesItsFileAfterTheSink) {
  EXPECT_EQ(SpoolPath("/var/lib/capmon", "siem-1"), "/var/lib/capmon/sink-siem-1.db");
  EXPECT_EQ(SpoolPath("/d", "../a b"), "/d/sink-%2e%2e%2fa%20b.db");
}

}  // namespace
}  // namespace capmon
