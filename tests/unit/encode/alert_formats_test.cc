// SPDX-License-Identifier: Apache-2.0
// Alerts in each format; tests/alert_formats validates them by the published schemas. After an
// intended change:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_encode --gtest_filter='*IsGolden*'
// and review the difference.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "common/utf8.h"
#include "daemon/encode/alert_text.h"
#include "daemon/encode/encode_alert.h"
#include "daemon/encode/severity_scale.h"
#include "generated/build_paths.h"
#include "tests/support/cef_reader.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

FeedMessage Sample(const std::string& name) {
  for (const SampleAlert& sample : SampleAlerts())
    if (sample.name == name) return sample.message;
  ADD_FAILURE() << "no sample is called " << name;
  return {};
}

std::string Encoded(AlertFormat format, const FeedMessage& message) {
  return EncodeAlert(format, message, SampleSensor());
}

Json EncodedJson(AlertFormat format, const FeedMessage& message) {
  return Json::parse(Encoded(format, message));
}

CefMessage EncodedCef(const FeedMessage& message) {
  const auto read = ReadCef(Encoded(AlertFormat::kCef, message));
  EXPECT_TRUE(read.has_value());
  return read.value_or(CefMessage{});
}

class OfFormat : public testing::TestWithParam<AlertFormat> {
 protected:
  bool IsJson() const { return GetParam() != AlertFormat::kCef; }

  // What each line promises to its receiver.
  void ExpectValid(const std::string& line) const {
    EXPECT_TRUE(IsUtf8(line));
    EXPECT_TRUE(line.find('\n') == line.npos);
    EXPECT_TRUE(IsJson() ? Json::accept(line) : ReadCef(line).has_value()) << line;
    EXPECT_TRUE(GetParam() == AlertFormat::kNative || line.size() <= kLongestAlert);
  }
};

TEST_P(OfFormat, IsGolden) {
  std::string all;
  for (const SampleAlert& sample : SampleAlerts())
    if (sample.name != "long-command-line") all += Encoded(GetParam(), sample.message) + "\n";
  const std::string golden = std::string(CAPMON_SOURCE_DIR "/tests/unit/encode/golden/") +
                             Name(GetParam()) + (IsJson() ? ".jsonl" : ".txt");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) std::ofstream(golden) << all;
  std::ifstream file(golden);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == all) << golden << " differs";
}

TEST_P(OfFormat, AnyAlertIsOneValidLine) {
  std::mt19937_64 random(2);
  const auto number = [&](uint64_t bound) { return random() % bound; };
  for (int i = 0; i < 500 && !testing::Test::HasFailure(); ++i) {
    const FeedMessage message = {.feed = "siem", .sequence = 1, .alert = MadeUpAlert(number)};
    ExpectValid(Encoded(GetParam(), message));
  }
  for (const SampleAlert& sample : SampleAlerts()) ExpectValid(Encoded(GetParam(), sample.message));
}

// An alert from the spool arrives like one that never was in it.
TEST_P(OfFormat, IsEqualAfterTheSpool) {
  for (const SampleAlert& sample : SampleAlerts()) {
    const auto spooled = ParseNativeAlert(Encoded(AlertFormat::kNative, sample.message));
    ASSERT_TRUE(spooled.ok()) << spooled.status();
    EXPECT_TRUE(Encoded(GetParam(), *spooled) == Encoded(GetParam(), sample.message))
        << sample.name;
  }
}

TEST_P(OfFormat, HasWhatIsNeededToAct) {
  const std::string line = Encoded(GetParam(), Sample("packet-socket"));
  for (const char* part : {"01jdcz3v9y0000000000000001",
                           "new_capability:CAP_NET_RAW",
                           "CM001",
                           "CAP_NET_RAW",
                           "granted",
                           "required",
                           "socket",
                           "packet_create",
                           "/bin/busybox",
                           "arping -I eth0",
                           "4211",
                           "nginx",
                           "web",
                           "registry.example/shop/web",
                           "1.25",
                           "compose:shop/web",
                           "T1557.002",
                           "approved",
                           "capmon explain web NET_RAW",
                           "node-7",
                           "prod-eu"})
    EXPECT_THAT(line, HasSubstr(part));
}

TEST_P(OfFormat, SaysWhatItLeftOut) {
  const std::string line = Encoded(GetParam(), Sample("long-command-line"));
  if (GetParam() == AlertFormat::kNative) {
    EXPECT_THAT(line, HasSubstr("label-63"));
    return;
  }
  EXPECT_THAT(line, Not(HasSubstr("label-63")));
  EXPECT_THAT(line, HasSubstr(IsJson() ? "container.labels: left out of a long alert"
                                       : "process.command_line: cut after 1023 bytes"));
}

INSTANTIATE_TEST_SUITE_P(AlertFormats, OfFormat,
                         testing::Values(AlertFormat::kNative, AlertFormat::kOcsf,
                                         AlertFormat::kEcs, AlertFormat::kCef, AlertFormat::kFalco),
                         [](const auto& test) { return std::string(Name(test.param)); });

TEST(Ocsf, UpdatesAFinding) {
  const Json created = EncodedJson(AlertFormat::kOcsf, Sample("packet-socket"));
  EXPECT_EQ(created["type_uid"], 200401);
  EXPECT_EQ(created["action_id"], 1);
  EXPECT_EQ(created["disposition_id"], 19);
  const Json updated = EncodedJson(AlertFormat::kOcsf, Sample("denied-again"));
  EXPECT_EQ(updated["type_uid"], 200402);
  EXPECT_EQ(updated["activity_id"], 2);
  EXPECT_EQ(updated["action_id"], 2);
  EXPECT_EQ(updated["disposition_id"], 2);
  EXPECT_EQ(updated["count"], 128);
  EXPECT_EQ(updated["end_time"].get<int64_t>() - updated["start_time"].get<int64_t>(), 90'000);
}

TEST(Ocsf, CountsFitIn32Bits) {
  FeedMessage message = Sample("least");
  message.alert.count = ~uint64_t{0};
  EXPECT_EQ(EncodedJson(AlertFormat::kOcsf, message)["count"], 2147483647);
}

TEST(Ecs, LabelsHaveNoDots) {
  const Json alert = EncodedJson(AlertFormat::kEcs, Sample("packet-socket"));
  EXPECT_EQ(alert["container"]["labels"]["com_docker_compose_service"], "web");
}

TEST(Ecs, NamesCapabilitiesAsTheSchemaWantsThem) {
  FeedMessage message = Sample("packet-socket");
  message.alert.process.effective = CapabilitySet{13, 63};
  EXPECT_EQ(
      EncodedJson(AlertFormat::kEcs, message)["process"]["thread"]["capabilities"]["effective"],
      (Json{"CAP_NET_RAW", "63"}));
}

// What falcosidekick checks before it accepts an alert, and what it relies on.
TEST(Falco, IsAcceptedByFalcosidekick) {
  const std::set<std::string> priorities = {"Emergency", "Alert",  "Critical",      "Error",
                                            "Warning",   "Notice", "Informational", "Debug"};
  for (const SampleAlert& sample : SampleAlerts()) {
    const Json alert = EncodedJson(AlertFormat::kFalco, sample.message);
    EXPECT_THAT(priorities, Contains(alert["priority"].get<std::string>()));
    EXPECT_NE(alert["rule"], "");
    EXPECT_TRUE(ParseRfc3339(alert["time"].get<std::string>()).has_value());
    EXPECT_FALSE(alert["output_fields"].empty());
    EXPECT_EQ(alert["source"], "capmon");
    for (const auto& [key, value] : alert["output_fields"].items())
      EXPECT_TRUE(key.starts_with("k8s.") ? value.is_string() : value.is_primitive()) << key;
    EXPECT_EQ(alert["output"].get<std::string>().find("12:0"), 0u);
  }
}

TEST(Cef, IsReadBack) {
  for (const SampleAlert& sample : SampleAlerts()) {
    if (sample.name == "long-command-line") continue;
    const Alert& alert = sample.message.alert;
    CefMessage read = EncodedCef(sample.message);
    ASSERT_EQ(read.header.size(), 7u);
    EXPECT_EQ(read.header[5],
              Visible(alert.rule_name.empty() ? Name(alert.kind) : alert.rule_name));
    EXPECT_EQ(read.extension["msg"], VisibleLines(alert.message));
    EXPECT_EQ(read.extension["flexString1"], VisibleLines(alert.process.command_line));
    EXPECT_EQ(read.extension["flexString2"], VisibleLines(alert.id));
    EXPECT_EQ(read.extension["cs5"], VisibleLines(alert.container.image));
    EXPECT_EQ(read.extension["CapmonNext"], VisibleLines(alert.next));
  }
}

TEST(Cef, CutsValuesAtTheLengthsOfTheirKeys) {
  FeedMessage message = Sample("packet-socket");
  message.alert.process.command_line = std::string(2000, 'x');
  EXPECT_EQ(EncodedCef(message).extension["flexString1"].size(), 1023u);
}

TEST(SeverityScale, Rises) {
  for (const Severity severity :
       {Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    const SeverityScale& lower = ScaleOf(static_cast<Severity>(static_cast<int>(severity) - 1));
    const SeverityScale& scale = ScaleOf(severity);
    EXPECT_LT(lower.ocsf, scale.ocsf);
    EXPECT_GT(lower.syslog, scale.syslog);
    EXPECT_LT(lower.cef, scale.cef);
    EXPECT_LT(lower.otlp, scale.otlp);
    EXPECT_LT(lower.ecs, scale.ecs);
  }
}

TEST(Ocsf, APostureIsAnAnalysisOfPermissions) {
  const Json event = EncodedJson(AlertFormat::kOcsf, Sample("posture"));
  EXPECT_EQ(event.at("class_uid"), 2008);
  EXPECT_EQ(event.at("type_uid"), 200801);
  EXPECT_EQ(event.at("metadata").at("version"), "1.6.0");
  const Json result = event.at("permission_analysis_results").at(0);
  EXPECT_EQ(result.at("granted_privileges").size(), 14u);
  EXPECT_EQ(result.at("unused_privileges_count"), 2);
  std::set<std::string> unneeded;
  for (const Json& resource : event.at("resources"))
    if (resource.at("type") == "linux-capability") unneeded.insert(resource.at("name"));
  EXPECT_EQ(unneeded, (std::set<std::string>{"CAP_NET_RAW", "CAP_MKNOD"}));
  EXPECT_EQ(EncodedJson(AlertFormat::kOcsf, Sample("held-back")).at("class_uid"), 2004);
}

}  // namespace
}  // namespace capmon
