// SPDX-License-Identifier: Apache-2.0
// "The alert as it arrives" in the pages below docs/siem/ is what capmon sends. After an intended
// change: CAPMON_REGENERATE_GOLDEN=1 build/release/bin/unit_sink --gtest_filter='SiemPages.*'
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/sink/http_body.h"
#include "daemon/sink/syslog_message.h"
#include "generated/build_paths.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Preset = HttpTarget::Preset;

FeedMessage Message(const std::string& feed) {
  FeedMessage message = SampleAlerts()[0].message;
  message.feed = feed;
  return message;
}

std::string Readable(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(2) + "\n";
}

std::string Body(Preset preset, AlertFormat format, const std::string& feed,
                 const std::string& index = "") {
  HttpTarget target;
  target.preset = preset;
  target.index = index;
  const FeedMessage message = Message(feed);
  return HttpBody(target, format, SampleSensor(), {&message, 1});
}

// Compares what is between the marks of a page; or puts it there.
void ExpectArrives(const std::string& page, const std::string& text) {
  const std::string path = absl::StrCat(CAPMON_SOURCE_DIR "/docs/siem/", page);
  const std::string begin = "<!-- generated -->\n", end = "<!-- end -->";
  std::ifstream file(path);
  std::string document{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t from = document.find(begin) + begin.size(), to = document.find(end);
  ASSERT_NE(to, document.npos) << page << " has no mark";
  const std::string block = absl::StrCat("```\n", text, "```\n");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr)
    std::ofstream(path) << document.replace(from, to - from, block);
  else
    EXPECT_EQ(document.substr(from, to - from), block) << page;
}

TEST(SiemPages, ShowTheAlertAsItArrives) {
  const FeedMessage message = Message("rsyslog");
  const std::string line =
      SyslogMessage(SyslogTarget(), SampleSensor(), message,
                    EncodeAlert(AlertFormat::kNative, message, SampleSensor()));
  const std::string process = absl::StrCat(" capmon ", getpid(), " ");
  ASSERT_NE(line.find(process), line.npos);
  ExpectArrives("rsyslog.md", absl::StrReplaceAll(line, {{process, " capmon 1234 "}}) + "\n");
  ExpectArrives("sentinel.md",
                EncodeAlert(AlertFormat::kCef, Message("sentinel"), SampleSensor()) + "\n");
  ExpectArrives("splunk.md",
                Readable(Body(Preset::kSplunk, AlertFormat::kNative, "splunk", "security")));
  const std::string bulk = Body(Preset::kElastic, AlertFormat::kEcs, "elastic", "capmon-alerts");
  const size_t document = bulk.find('\n') + 1;
  ExpectArrives("elastic.md", bulk.substr(0, document) + Readable(bulk.substr(document)));
  ExpectArrives("falcosidekick.md",
                Readable(Body(Preset::kFalcosidekick, AlertFormat::kFalco, "falcosidekick")));
  ExpectArrives("alertmanager.md",
                Readable(Body(Preset::kAlertmanager, AlertFormat::kNative, "alertmanager")));
}

}  // namespace
}  // namespace capmon
