// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/queued_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <functional>
#include <map>
#include <sstream>

#include "daemon/base/synchronized.h"
#include "daemon/base/unique_fd.h"
#include "daemon/sink/printable.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sink/sink_alert.h"

namespace capmon {
namespace {

using std::chrono::seconds;

// A receiver whose answers the test decides.
struct Receiver {
  using Answer = std::function<SendResult(const std::vector<FeedMessage>& batch)>;
  Synchronized<Answer> answer{[](const std::vector<FeedMessage>& batch) {
    SendResult result;
    result.settled = batch.size();
    return result;
  }};
  Synchronized<std::vector<FeedMessage>> arrived;  // settled and not refused
};

class ScriptedTransport : public Transport {
 public:
  explicit ScriptedTransport(Receiver& receiver) : receiver_(receiver) {}
  size_t max_batch() const override { return 10; }
  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token) override {
    SendResult result = receiver_.answer.With([&](auto& answer) { return answer(batch); });
    receiver_.arrived.With([&](auto& arrived) {
      for (size_t i = 0; i < result.settled; ++i) arrived.push_back(batch[i]);
    });
    return result;
  }

 private:
  Receiver& receiver_;
};

SendResult Away(absl::Status status = absl::UnavailableError("the receiver is away")) {
  SendResult result;
  result.status = std::move(status);
  return result;
}

std::unique_ptr<Sink> OpenSink(Receiver& receiver, const std::string& directory,
                               SinkSettings settings = {}) {
  settings.name = "siem";
  settings.target = FileTarget{.path = "/dev/null"};
  auto sink =
      QueuedSink::Open(settings, {}, directory, std::make_unique<ScriptedTransport>(receiver));
  EXPECT_TRUE(sink.ok()) << sink.status();
  return *std::move(sink);
}

std::vector<uint64_t> Sequences(Receiver& receiver) {
  return receiver.arrived.With([](const auto& arrived) {
    std::vector<uint64_t> sequences;
    for (const FeedMessage& message : arrived) sequences.push_back(message.sequence);
    return sequences;
  });
}

std::vector<uint64_t> UpTo(uint64_t last) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = 1; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

void PutNumbers(Sink& sink, int from, int to) {
  for (int i = from; i <= to; ++i) EXPECT_TRUE(sink.Put(NumberedAlert(i)));
}

TEST(QueuedSink, DeliversInOrderAndCounts) {
  Receiver receiver;
  const auto sink = OpenSink(receiver, "");
  PutNumbers(*sink, 1, 100);
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(receiver), UpTo(100));
  EXPECT_TRUE(Eventually([&] { return sink->State().delivered == 100; }));
  EXPECT_EQ(sink->State().accepted, 100u);
  EXPECT_NE(sink->State().last_delivered, 0);
  EXPECT_EQ(receiver.arrived.With([](auto& all) { return all.at(41).alert; }), NumberedAlert(42));
}

TEST(QueuedSink, TriesAgainWhatWasNotSettled) {
  Receiver receiver;
  receiver.answer.With([](auto& answer) {
    answer = [calls = 0](const std::vector<FeedMessage>& batch) mutable {
      SendResult result;
      result.settled = ++calls % 2 == 1 ? batch.size() / 2 : batch.size();
      if (result.settled != batch.size()) result.status = absl::UnavailableError("cut off");
      return result;
    };
  });
  const auto sink = OpenSink(receiver, "");
  PutNumbers(*sink, 1, 20);
  ASSERT_TRUE(Eventually([&] { return sink->State().delivered == 20; }));
  EXPECT_EQ(Sequences(receiver), UpTo(20));
  EXPECT_GT(sink->State().retries, 0u);
  EXPECT_EQ(sink->State().last_error, "cut off");
  EXPECT_EQ(sink->State().failing_since, 0);
}

TEST(QueuedSink, WaitsAsLongAsTheReceiverWishesUnlessFlushed) {
  Receiver receiver;
  receiver.answer.With([](auto& answer) {
    answer = [](const auto&) {
      SendResult busy = Away(absl::UnavailableError("429"));
      busy.retry_after = std::chrono::minutes(5);
      return busy;
    };
  });
  const auto sink = OpenSink(receiver, "");
  PutNumbers(*sink, 1, 1);
  ASSERT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  EXPECT_EQ(sink->State().retries, 1u);
  receiver.answer.With([](auto& answer) {
    answer = [](const auto& batch) {
      SendResult result;
      result.settled = batch.size();
      return result;
    };
  });
  EXPECT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(receiver), UpTo(1));
}

TEST(QueuedSink, AFlushSaysWhatStillWaits) {
  Receiver receiver;
  receiver.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  const auto sink = OpenSink(receiver, "");
  PutNumbers(*sink, 1, 3);
  ASSERT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  const absl::Status flushed = sink->Flush(std::chrono::milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(flushed));
  EXPECT_EQ(std::string(flushed.message()),
            "3 alerts still wait for file /dev/null: the receiver is away");
}

TEST(QueuedSink, SetsRefusedMessagesAsideAndGoesOn) {
  Receiver receiver;
  receiver.answer.With([](auto& answer) {
    answer = [](const std::vector<FeedMessage>& batch) {
      SendResult result;
      result.settled = batch.size();
      for (size_t i = 0; i < batch.size(); ++i)
        if (batch[i].sequence % 10 == 3) result.refused.emplace_back(i, "bad\ndata");
      return result;
    };
  });
  const auto sink = OpenSink(receiver, "");
  PutNumbers(*sink, 1, 40);
  ASSERT_TRUE(Eventually([&] { return sink->State().delivered == 36; }));
  EXPECT_EQ(sink->State().refused, 4u);
  EXPECT_EQ(sink->State().last_refusal, "bad data");
  EXPECT_EQ(sink->State().spooled, 0u);
}

TEST(QueuedSink, ContinuesAfterARestartWithoutGapsInTheNumbers) {
  const TempDir directory;
  Receiver away, back;
  away.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  {
    const auto sink = OpenSink(away, directory.path());
    PutNumbers(*sink, 1, 50);
  }
  const auto sink = OpenSink(back, directory.path());
  PutNumbers(*sink, 51, 60);
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(back), UpTo(60));
  EXPECT_EQ(back.arrived.With([](auto& all) { return all.at(49).alert; }), NumberedAlert(50));
}

TEST(QueuedSink, ReportsInTheFeedWhatItsSpoolDropped) {
  Receiver receiver;
  receiver.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  SinkSettings settings;
  settings.spool.max_messages = 20;
  const auto sink = OpenSink(receiver, "", settings);
  PutNumbers(*sink, 1, 15);  // these or fewer are in flight while more arrive
  ASSERT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  PutNumbers(*sink, 16, 60);
  ASSERT_TRUE(Eventually([&] { return sink->State().spooled == 20; }));
  receiver.answer.With([](auto& answer) {
    answer = [](const auto& batch) {
      SendResult result;
      result.settled = batch.size();
      return result;
    };
  });
  ASSERT_TRUE(Eventually([&] { return Sequences(receiver).size() == 21; }));
  const FeedMessage last = receiver.arrived.With([](auto& all) { return all.back(); });
  EXPECT_EQ(last.sequence, 61u);
  EXPECT_EQ(last.alert.count, 40u);
  EXPECT_EQ(sink->State().dropped_spool, 40u);
  EXPECT_NE(last.alert.message.find("40 alerts of feed siem were dropped: 40 with numbers 1 to 40"),
            std::string::npos)
      << last.alert.message;
}

TEST(QueuedSink, NeverWaitsForASlowReceiver) {
  Receiver receiver;
  std::atomic<bool> go = false;
  receiver.answer.With([&](auto& answer) {
    answer = [&](const auto& batch) {
      while (!go) std::this_thread::yield();
      SendResult result;
      result.settled = batch.size();
      return result;
    };
  });
  const auto sink = OpenSink(receiver, "");
  for (int i = 1; i <= 20'000; ++i) sink->Put(NumberedAlert(i));
  go = true;
  ASSERT_TRUE(sink->Flush(seconds(60)).ok());
  EXPECT_EQ(sink->State().accepted + sink->State().dropped_queue, 20'000u);
}

TEST(QueuedSink, TakesOnlyWhatItsSettingsSelect) {
  Receiver receiver;
  SinkSettings settings;
  settings.at_least = Severity::kMedium;
  settings.rules = {"CM002"};
  const auto sink = OpenSink(receiver, "", settings);
  Alert alert = NumberedAlert(1);
  EXPECT_TRUE(sink->Put(alert));
  alert.rule = "CM002";
  alert.severity = Severity::kLow;
  EXPECT_TRUE(sink->Put(alert));
  alert.severity = Severity::kMedium;
  EXPECT_TRUE(sink->Put(alert));
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(receiver), UpTo(1));
  EXPECT_EQ(sink->State().accepted, 1u);
}

TEST(QueuedSink, WritesToAFileAndTestsItPastTheFeed) {
  const TempDir directory;
  SinkSettings settings;
  settings.name = "local";
  settings.target = FileTarget{.path = directory / "alerts"};
  {
    auto sink = Sink::Open(settings, {}, directory.path());
    ASSERT_TRUE(sink.ok()) << sink.status();
    PutNumbers(**sink, 1, 300);
    EXPECT_TRUE((*sink)->Test(NumberedAlert(0)).ok());
  }  // delivers what is queued before it ends
  std::istringstream text(ReadFile(directory / "alerts"));
  std::map<uint64_t, int> times;
  for (std::string line; std::getline(text, line);) ++times[ParseNativeAlert(line)->sequence];
  EXPECT_EQ(times.size(), 301u);
  EXPECT_EQ(times[0], 1) << "the test";
  EXPECT_EQ(times[300], 1);
}

TEST(QueuedSink, WhatTheDiskRefusesWaits) {
  SinkSettings settings;
  settings.name = "full";
  settings.target = FileTarget{.path = "/dev/full"};
  auto sink = Sink::Open(settings, {}, "");
  ASSERT_TRUE(sink.ok()) << sink.status();
  PutNumbers(**sink, 1, 1);
  ASSERT_TRUE(Eventually([&] { return (*sink)->State().failing_since != 0; }));
  EXPECT_EQ((*sink)->State().spooled, 1u);
  EXPECT_NE((*sink)->State().last_error.find("No space left"), std::string::npos);
  EXPECT_FALSE((*sink)->Test(NumberedAlert(0)).ok());
}

// As a receiver that echoes the request.
TEST(QueuedSink, ShowsNoSecretThatAReceiverEchoes) {
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "token", "hunter2-token"));
  SinkSettings settings;
  settings.name = "siem";
  HttpTarget target;
  target.url = "http://siem/";
  target.token.source = "file:" + directory / "token";
  settings.target = target;
  Receiver receiver;
  receiver.answer.With([](auto& answer) {
    answer = [](const std::vector<FeedMessage>& batch) {
      SendResult result = Away(absl::UnavailableError("no: hunter2-token"));
      if (batch.front().sequence > 1) return result;
      result.settled = 1;
      result.refused.emplace_back(0, "you sent hunter2-token");
      return result;
    };
  });
  auto sink = QueuedSink::Open(settings, {}, directory.path(),
                               std::make_unique<ScriptedTransport>(receiver));
  ASSERT_TRUE(sink.ok()) << sink.status();
  PutNumbers(**sink, 1, 2);
  ASSERT_TRUE(Eventually([&] { return (*sink)->State().refused == 1; }));
  ASSERT_TRUE(Eventually([&] { return (*sink)->State().failing_since != 0; }));
  EXPECT_EQ((*sink)->State().last_error, "no: [secret]");
  EXPECT_EQ((*sink)->State().last_refusal, "you sent [secret]");
  const absl::Status flushed = (*sink)->Flush(std::chrono::milliseconds(1));
  EXPECT_EQ(std::string(flushed.message()).find("hunter2"), std::string::npos);
  EXPECT_EQ((*sink)->End(), 0u);
  EXPECT_EQ(ReadFile(directory / "sink-siem.db").find("hunter2"), std::string::npos);
}

// A client's call may still hold the object when capmond ends.
TEST(QueuedSink, EndsWhileOthersHoldIt) {
  const TempDir directory;
  Receiver away, back;
  away.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  const auto held = OpenSink(away, directory.path());
  PutNumbers(*held, 1, 5);
  EXPECT_EQ(held->End(), 0u);
  EXPECT_FALSE(held->Put(NumberedAlert(6)));
  EXPECT_TRUE(absl::IsDeadlineExceeded(held->Flush(seconds(30))));
  const auto sink = OpenSink(back, directory.path());
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(back), UpTo(5));
}

TEST(QueuedSink, CountsWhatOnlyMemoryHasAtItsEnd) {
  Receiver away;
  away.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  const auto sink = OpenSink(away, "");
  PutNumbers(*sink, 1, 5);
  EXPECT_EQ(sink->End(), 5u);
  EXPECT_EQ(sink->State().dropped_spool, 5u);
  EXPECT_EQ(sink->End(), 0u) << "twice";
}

TEST(QueuedSink, ContinuesWithOtherSettings) {
  const TempDir directory;
  Receiver away, back;
  away.answer.With([](auto& answer) { answer = [](const auto&) { return Away(); }; });
  const auto sink = OpenSink(away, directory.path());
  PutNumbers(*sink, 1, 5);
  ASSERT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  SinkSettings settings = sink->settings();
  settings.format = AlertFormat::kCef;
  settings.at_least = Severity::kCritical;
  settings.spool.max_messages = 2;
  sink->Change(settings, std::make_unique<ScriptedTransport>(back));
  EXPECT_EQ(sink->settings(), settings);
  EXPECT_EQ(sink->State().format, "cef");
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  PutNumbers(*sink, 6, 9);
  ASSERT_TRUE(sink->Flush(seconds(30)).ok());
  EXPECT_EQ(sink->State().accepted, 5u) << "the new filter counts";
  const std::vector<uint64_t> sequences = Sequences(back);
  EXPECT_TRUE(sequences == UpTo(5) || sequences.size() < 5) << "in order, within the new limits";
  EXPECT_EQ(sink->State().last_error, "");
}

// What cannot be sent now ends with the receiver of before: the new one has it at once.
TEST(QueuedSink, AChangeEndsADeliveryThatHangs) {
  const TempDir directory;
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  const UniqueFd reader(open((directory / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  SinkSettings settings;
  settings.name = "siem";
  settings.target = FileTarget{.path = directory / "pipe"};
  auto sink = Sink::Open(settings, {}, directory.path());
  ASSERT_TRUE(sink.ok()) << sink.status();
  PutNumbers(**sink, 1, 500);
  ASSERT_TRUE(Eventually([&] { return (*sink)->State().sending_since != 0; }));
  Receiver back;
  (*sink)->Change(settings, std::make_unique<ScriptedTransport>(back));
  ASSERT_TRUE((*sink)->Flush(seconds(30)).ok());
  EXPECT_EQ(Sequences(back).back(), 500u);
  EXPECT_EQ((*sink)->State().retries, 0u);
}

TEST(Printable, HasNoControlCharacters) {
  EXPECT_EQ(Printable("a\x1b[31m\nb\xff"), "a [31m b\\xff");
  EXPECT_LE(Printable(std::string(10'000, 'x')).size(), kMaxPrintable);
}

}  // namespace
}  // namespace capmon
