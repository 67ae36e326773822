// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "daemon/base/unique_fd.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using testing::HasSubstr;

Alert SomeAlert(int number, const std::string& container = "web") {
  Alert alert;
  alert.id = "finding-" + std::to_string(number);
  alert.rule = "CM001";
  alert.rule_version = 1;
  alert.rule_name = "a rule";
  alert.severity = Severity::kMedium;
  alert.first = alert.last = kSecond;
  alert.count = 1;
  alert.container.key = alert.container.name = container;
  alert.container.labels = {{"app", "shop"}, {"other", "x"}};
  alert.message = "message";
  return alert;
}

class FeedTest : public testing::Test {
 protected:
  SinkSettings FileSink(const std::string& name, const std::string& file) const {
    SinkSettings sink;
    sink.name = name;
    FileTarget target;
    target.path = directory_ / file;
    sink.target = target;
    return sink;
  }
  void Start(const FeedSettings& settings) {
    Feed::Options options;
    options.directory = directory_.path();
    auto feed = Feed::Start(options, settings);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }
  void Apply(const FeedSettings& settings) {
    auto plan = feed_->Prepare(settings);
    ASSERT_TRUE(plan.ok()) << plan.status();
    feed_->Apply(*std::move(plan));
  }
  std::vector<nlohmann::json> LinesOf(const std::string& file) const {
    std::vector<nlohmann::json> lines;
    std::istringstream text(ReadFile(directory_ / file));
    for (std::string line; std::getline(text, line);)
      lines.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    return lines;
  }

  TempDir directory_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, EverySinkGetsEachAlertOnce) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a"), FileSink("b", "b")};
  settings.sinks[1].at_least = Severity::kHigh;
  settings.labels = {"app"};
  Start(settings);
  for (int i = 0; i < 100; ++i) feed_->Put(SomeAlert(i));
  feed_->End();
  const auto lines = LinesOf("a");
  ASSERT_EQ(lines.size(), 100u);
  std::set<std::string> events;
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].value("sequence", 0u), i + 1);
    events.insert(lines[i].value("event_id", ""));
  }
  EXPECT_EQ(events.size(), 100u);
  EXPECT_EQ(lines[0].dump().find("other"), std::string::npos);
  EXPECT_TRUE(LinesOf("b").empty());
  EXPECT_EQ(feed_->dropped(), 0u);
}

TEST_F(FeedTest, EventIdsDifferAfterARestart) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a")};
  for (int run = 0; run < 2; ++run) {
    Start(settings);
    feed_->Put(SomeAlert(1));
    feed_.reset();
  }
  const auto lines = LinesOf("a");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[0]["event_id"], lines[1]["event_id"]);
  EXPECT_EQ(lines[1].value("sequence", 0), 2);
}

// Alternates between files, filters and names while alerts arrive.
TEST_F(FeedTest, AReloadUnderLoadLosesNothing) {
  FeedSettings settings;
  settings.sinks = {FileSink("same", "same"), FileSink("changing", "one")};
  Start(settings);
  constexpr int kRounds = 6, kEach = 100;
  int number = 0;
  const auto put = [&](int i) { feed_->Put(SomeAlert(i, "c" + std::to_string(i % 10))); };
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kEach; ++i) put(number++);
    settings.sinks[1] = FileSink("changing", round % 2 == 0 ? "two" : "one");
    Apply(settings);
    for (int i = 0; i < kEach; ++i) put(number++);
  }
  const auto all = static_cast<size_t>(number);
  ASSERT_TRUE(Eventually([&] { return LinesOf("same").size() == all; }));
  ASSERT_TRUE(Eventually([&] { return feed_->States().size() == 2; }));
  ASSERT_TRUE(feed_->Flush("changing", std::chrono::seconds(30)).ok());
  feed_->End();
  ASSERT_EQ(feed_->dropped(), 0u);
  auto lines = LinesOf("one");
  for (const auto& line : LinesOf("two")) lines.push_back(line);
  std::set<std::string> findings;
  std::set<uint64_t> sequence;
  for (const auto& line : lines) {
    findings.insert(line.value("id", ""));
    sequence.insert(line.value("sequence", uint64_t{0}));
  }
  EXPECT_EQ(findings.size(), all);
  EXPECT_EQ(*sequence.begin(), 1u);
  EXPECT_EQ(*sequence.rbegin(), static_cast<uint64_t>(number));
}

TEST_F(FeedTest, ARemovedSinkKeepsWhatWaits) {
  FeedSettings settings;
  SinkSettings away;
  away.name = "away";
  HttpTarget target;
  target.url = "http://127.0.0.1:1/";
  away.target = target;
  settings.sinks = {away};
  Start(settings);
  feed_->Put(SomeAlert(1));
  ASSERT_TRUE(Eventually([&] { return feed_->States().at(0).failing_since != 0; }));
  EXPECT_THAT(feed_->Trouble(), HasSubstr("the sink away fails"));
  Apply({});
  ASSERT_TRUE(Eventually([&] { return feed_->States().empty(); }));
  EXPECT_EQ(feed_->Trouble(), "");
  settings.sinks = {FileSink("away", "file")};
  Apply(settings);
  EXPECT_TRUE(Eventually([&] { return LinesOf("file").size() == 1; }));
}

TEST_F(FeedTest, SettingsOfWhichOneCannotBeUsedChangeNothing) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a"), FileSink("c", "c")};
  Start(settings);
  const auto refusal = [&](const SinkSettings& wrong) {
    FeedSettings wanted;
    wanted.labels = {"none"};
    wanted.sinks = {FileSink("b", "b"), FileSink("a", "other"), wrong};
    return std::string(feed_->Prepare(wanted).status().message());
  };
  EXPECT_THAT(refusal(FileSink("c", "missing/file")), HasSubstr("the sink c: "));
  EXPECT_THAT(refusal(FileSink("new", "missing/file")), HasSubstr("the sink new: "));
  std::filesystem::create_directory(directory_ / "sink-new.db");
  EXPECT_THAT(refusal(FileSink("new", "new")), HasSubstr("it is not a regular file"));
  feed_->Put(SomeAlert(1));
  feed_->End();
  EXPECT_EQ(LinesOf("a").size(), 1u);
  EXPECT_EQ(LinesOf("c").size(), 1u);
  EXPECT_THAT(ReadFile(directory_ / "a"), HasSubstr("shop")) << "labels are as before";
  EXPECT_FALSE(std::filesystem::exists(directory_ / "sink-b.db"));
}

// As after two reloads at once.
TEST_F(FeedTest, APlanThatIsOvertakenByAnotherIsStillApplied) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a"), FileSink("b", "b")};
  Start(settings);
  auto overtaken = feed_->Prepare(settings);
  ASSERT_TRUE(overtaken.ok()) << overtaken.status();
  FeedSettings other;
  other.sinks = {FileSink("a", "elsewhere")};
  Apply(other);
  ASSERT_TRUE(Eventually([&] { return feed_->States().size() == 1; }));
  feed_->Apply(*std::move(overtaken));
  ASSERT_TRUE(Eventually([&] { return feed_->States().size() == 2; }));
  feed_->Put(SomeAlert(1));
  EXPECT_TRUE(Eventually([&] { return LinesOf("a").size() + LinesOf("b").size() == 2; }));
}

TEST_F(FeedTest, ASettingThatCannotWorkEndsTheStart) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a"), FileSink("broken", "missing/file")};
  const absl::Status status = Feed::Start({}, settings).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(status.message(), HasSubstr("the sink broken: "));
}

// Each list has all sinks of one of the settings, and the one that stays keeps its counts.
TEST_F(FeedTest, AListOfSinksHasTheOldOrTheNewOnes) {
  FeedSettings one, other;
  one.sinks = {FileSink("same", "same"), FileSink("a", "a"), FileSink("b", "b")};
  other.sinks = {FileSink("same", "same"), FileSink("c", "c")};
  Start(one);
  feed_->Put(SomeAlert(1));
  ASSERT_TRUE(Eventually([&] { return feed_->States().at(0).delivered == 1; }));
  std::jthread reloads([&](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      Apply(i % 2 == 0 ? other : one);
      std::this_thread::yield();
    }
  });
  std::set<std::string> seen;
  EXPECT_TRUE(Eventually([&] {
    const std::vector<SinkState> states = feed_->States();
    std::string names;
    for (const SinkState& state : states) names += state.name + " ";
    seen.insert(names);
    EXPECT_EQ(states.empty() ? 0 : states.front().delivered, 1u);
    return seen.size() >= 2;
  }));
  reloads.request_stop();
  reloads.join();
  EXPECT_EQ(seen, (std::set<std::string>{"same a b ", "same c "}));
}

TEST_F(FeedTest, AReceiverThatHangsDelaysNoChange) {
  ASSERT_EQ(mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  const UniqueFd reader(open((directory_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  FeedSettings settings;
  settings.sinks = {FileSink("hangs", "pipe")};
  Start(settings);
  for (int i = 0; i < 500; ++i) feed_->Put(SomeAlert(i));
  ASSERT_TRUE(Eventually([&] { return feed_->States().at(0).sending_since != 0; }));
  settings.sinks = {FileSink("other", "other")};
  Apply(settings);
  ASSERT_TRUE(Eventually([&] { return feed_->States().at(0).name == "other"; }));
  feed_->Put(SomeAlert(1));
  EXPECT_TRUE(Eventually([&] { return !LinesOf("other").empty(); }));
  settings.sinks = {FileSink("hangs", "instead")};  // has the spool of the one that ends
  Apply(settings);
  ASSERT_TRUE(Eventually([&] { return feed_->States().at(0).name == "hangs"; }));
  EXPECT_TRUE(feed_->Flush("hangs", std::chrono::seconds(30)).ok());
  EXPECT_FALSE(LinesOf("instead").empty());
}

TEST_F(FeedTest, CountsWhatAnEndedSinkHadOnlyInMemory) {
  SinkSettings away;
  away.name = "away";
  away.target = HttpTarget{.url = "http://127.0.0.1:1/"};
  FeedSettings settings;
  settings.sinks = {away};
  auto feed = Feed::Start({}, settings);
  ASSERT_TRUE(feed.ok()) << feed.status();
  for (int i = 0; i < 3; ++i) (*feed)->Put(SomeAlert(i));
  ASSERT_TRUE(Eventually([&] { return (*feed)->States().at(0).spooled == 3; }));
  auto plan = (*feed)->Prepare({});
  ASSERT_TRUE(plan.ok());
  (*feed)->Apply(*std::move(plan));
  EXPECT_TRUE(Eventually([&] { return (*feed)->dropped() == 3; }));
}

TEST_F(FeedTest, ContainersShareTheQueue) {
  std::mutex held;
  held.lock();
  Feed::Options options;
  options.complete = [&](Alert&) { std::lock_guard wait(held); };
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a")};
  auto feed = Feed::Start(options, settings);
  ASSERT_TRUE(feed.ok()) << feed.status();
  for (int i = 0; i < 5000; ++i) (*feed)->Put(SomeAlert(i, "flood"));
  (*feed)->Put(SomeAlert(1, "quiet"));
  EXPECT_GE((*feed)->dropped(), 5000 - Feed::kMaxOfOne - 1);
  held.unlock();
  ASSERT_TRUE(Eventually([&] { return LinesOf("a").size() + (*feed)->dropped() == 5001; }));
  const auto lines = LinesOf("a");
  EXPECT_TRUE(std::ranges::any_of(
      lines, [](const auto& line) { return line.dump().find("quiet") != std::string::npos; }));
}

TEST_F(FeedTest, TestsAndFlushesByName) {
  FeedSettings settings;
  settings.sinks = {FileSink("a", "a")};
  Start(settings);
  EXPECT_TRUE(feed_->Test("a").ok());
  EXPECT_THAT(ReadFile(directory_ / "a"), HasSubstr("This is a test of the sink a"));
  EXPECT_TRUE(feed_->Flush("a", std::chrono::seconds(10)).ok());
  EXPECT_TRUE(absl::IsNotFound(feed_->Test("b")));
  EXPECT_THAT(feed_->Flush("b", {}).message(), HasSubstr("there are: a"));
}

}  // namespace
}  // namespace capmon
