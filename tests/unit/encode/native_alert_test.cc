// SPDX-License-Identifier: Apache-2.0
// The native format loses nothing: the spool and the store depend on it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "common/utf8.h"
#include "daemon/encode/encode_alert.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

std::string Native(const FeedMessage& message) {
  return EncodeAlert(AlertFormat::kNative, message, SampleSensor());
}

void ExpectReadBack(const FeedMessage& message) {
  const std::string line = Native(message);
  EXPECT_TRUE(IsUtf8(line));
  EXPECT_EQ(line.find('\n'), line.npos);
  const auto read = ParseNativeAlert(line);
  ASSERT_TRUE(read.ok()) << read.status() << "\n" << line;
  EXPECT_EQ(read->feed, ToUtf8(message.feed));
  EXPECT_EQ(read->sequence, message.sequence);
  EXPECT_TRUE(read->alert == AsStored(message.alert)) << line;
  EXPECT_TRUE(Native(*read) == line) << line;
}

TEST(NativeAlert, SamplesAreReadBack) {
  for (const SampleAlert& sample : SampleAlerts()) {
    SCOPED_TRACE(sample.name);
    ExpectReadBack(sample.message);
  }
}

TEST(NativeAlert, AnyAlertIsReadBack) {
  std::mt19937_64 random(1);
  const auto number = [&](uint64_t bound) { return random() % bound; };
  for (int i = 0; i < 10'000 && !testing::Test::HasFailure(); ++i) {
    const Alert alert = MadeUpAlert(number);
    ExpectReadBack({.feed = alert.container.name, .sequence = random(), .alert = alert});
  }
}

// Each member changes the line: none is forgotten.
TEST(NativeAlert, HasEveryText) {
  Alert alert = SampleAlerts()[1].message.alert;
  alert.container.granted = HeldSets();
  alert.unread = {{"", ""}};
  int texts = 0;
  ForEachText(alert, [&](std::string& text) { text = "text-" + std::to_string(texts++) + "-"; });
  const std::string line = Native({.feed = "siem", .sequence = 1, .alert = alert});
  for (int i = 0; i < texts; ++i) EXPECT_THAT(line, HasSubstr("text-" + std::to_string(i) + "-"));
}

TEST(NativeAlert, NumbersAreRfc3339AndNames) {
  const std::string line = Native(SampleAlerts()[0].message);
  EXPECT_THAT(line, HasSubstr(R"("first":"2026-11-23T12:00:00.123456789Z")"));
  EXPECT_THAT(line, HasSubstr(R"("check":{"capability":"CAP_NET_RAW","number":13,)"
                              R"("decision":"granted","verdict":"required"})"));
  EXPECT_THAT(line, HasSubstr(R"("set":"2026-11-22T12:00:00.123456789Z","age_seconds":86400)"));
  EXPECT_EQ(line.find(R"({"version":1,"feed":"siem","sequence":1,"id":)"), 0u);
}

TEST(NativeAlert, RejectsAnythingElse) {
  const std::string line = Native(SampleAlerts()[0].message);
  const auto broken = [&](const char* path, const nlohmann::json& value) {
    nlohmann::json document = nlohmann::json::parse(line);
    document[nlohmann::json::json_pointer(path)] = value;
    return std::string(ParseNativeAlert(document.dump()).status().message());
  };
  EXPECT_EQ(broken("/version", 2), "read an alert: version is of another capmon");
  EXPECT_EQ(broken("/first", "today"), "read an alert: first is not a time");
  EXPECT_EQ(broken("/kind", "posturing"), "read an alert: kind has an unknown value");
  EXPECT_EQ(broken("/process/uid", -1), "read an alert: process.uid has a value of another type");
  EXPECT_EQ(broken("/process/sets/effective/0", "CAP_X"),
            "read an alert: process.sets.effective has a value of another type");
  EXPECT_EQ(broken("/process/pid", 1.5), "read an alert: process.pid has a value of another type");
  EXPECT_EQ(broken("/check/number", 64), "read an alert: check has no capability's number");
  EXPECT_EQ(broken("/check/decision", "maybe"), "read an alert: check has no decision");
  EXPECT_EQ(broken("/container", "web"), "read an alert: container is not an object");
  EXPECT_EQ(broken("/techniques", "T1"), "read an alert: techniques is not a list");
  EXPECT_EQ(broken("/a_later_member", 1), "");
  nlohmann::json less = nlohmann::json::parse(line);
  less["container"].erase("key");
  EXPECT_EQ(ParseNativeAlert(less.dump()).status().message(),
            "read an alert: container.key is missing");
  for (const std::string& text : {std::string(), std::string("[]"), line.substr(0, 99), line + "x"})
    EXPECT_EQ(ParseNativeAlert(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
}

TEST(AlertFormats, AreFoundByName) {
  for (const AlertFormat format : {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kEcs,
                                   AlertFormat::kCef, AlertFormat::kFalco})
    EXPECT_EQ(ParseAlertFormat(Name(format)), format);
  EXPECT_EQ(ParseAlertFormat("leef"), std::nullopt);
}

}  // namespace
}  // namespace capmon
