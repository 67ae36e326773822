// SPDX-License-Identifier: Apache-2.0
// Recorded evidence through the whole pipeline but the kernel: cases/NAME.events in, the profiles
// of cases/NAME.golden out, byte for byte. After an intended change of answers:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/tests/replay/replay_replay_test
// and review the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/api/convert.h"
#include "daemon/collector/event_text.h"
#include "daemon/collector/replay_source.h"
#include "daemon/monitor.h"
#include "generated/build_paths.h"
#include "proto/json.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(CAPMON_SOURCE_DIR) / "tests/replay/cases";

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(kCases))
    if (entry.path().extension() == ".events") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<KernelEvent> EventsOf(const std::string& name) {
  auto source = ReplaySource::Open(kCases / (name + ".events"));
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<KernelEvent> events;
  if (!source.ok()) return events;
  EXPECT_TRUE((*source)->Drain([&](const KernelEvent& e) { events.push_back(e); }).ok());
  return events;
}

std::string Answers(const std::vector<KernelEvent>& events) {
  Monitor monitor(CallSites::BuiltIn(), {});
  for (const KernelEvent& event : events) monitor.Apply(event);
  std::string answers;
  for (const Profile& profile : monitor.Profiles()) {
    const auto json = MessageToJson(ToProto(profile, Judge(profile, monitor.sites()), true), true);
    EXPECT_TRUE(json.ok()) << json.status();
    answers += json.value_or("") + "\n";
  }
  return answers;
}

class Replay : public testing::TestWithParam<std::string> {};

TEST_P(Replay, GivesTheGoldenAnswer) {
  const std::string answers = Answers(EventsOf(GetParam()));
  const fs::path golden = kCases / (GetParam() + ".golden");
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) std::ofstream(golden) << answers;
  EXPECT_EQ(answers, ReadFile(golden));
}

// The kernel's batches do not matter: counts that come in two halves add up.
TEST_P(Replay, SplitCountsGiveTheSameAnswer) {
  std::vector<KernelEvent> split;
  for (const KernelEvent& event : EventsOf(GetParam())) {
    const auto* counted = std::get_if<ChecksCounted>(&event);
    if (counted == nullptr || counted->counts.count < 2) {
      split.push_back(event);
      continue;
    }
    ChecksCounted first = *counted;
    first.counts.count = 1;
    first.counts.succeeded = first.counts.failed = 0;
    ChecksCounted rest = *counted;
    rest.counts.count -= 1;
    split.push_back(first);
    split.push_back(rest);
  }
  EXPECT_EQ(Answers(split), ReadFile(kCases / (GetParam() + ".golden")));
}

TEST_P(Replay, EveryLineIsWhatTheRecorderWouldWrite) {
  std::istringstream file(ReadFile(kCases / (GetParam() + ".events")));
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    const auto event = FromText(line);
    ASSERT_TRUE(event.ok()) << line;
    EXPECT_EQ(ToText(*event), line);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Replay, testing::ValuesIn(CaseNames()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace capmon
