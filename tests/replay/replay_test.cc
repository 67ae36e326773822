// SPDX-License-Identifier: Apache-2.0
// Recorded evidence through the whole pipeline but the kernel: cases/NAME.events in, and out what
// cases/NAME.golden has: the table of `capmon profile`, and a line for each kind of check. One case
// also has the whole answer, in cases/NAME.json. After an intended change of answers:
//   CAPMON_REGENERATE_GOLDEN=1 build/release/bin/replay_replay_test
// and review the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "absl/strings/str_join.h"
#include "client/render/profile.h"
#include "daemon/api/convert.h"
#include "daemon/collector/event_text.h"
#include "daemon/collector/replay_source.h"
#include "daemon/judge_workload.h"
#include "daemon/monitor.h"
#include "generated/build_paths.h"
#include "proto/json.h"
#include "tests/support/temp_dir.h"

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

std::vector<KernelEvent> EventsOf(const std::string& name) {
  auto source = ReplaySource::Open(kCases / (name + ".events"));
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<KernelEvent> events;
  if (!source.ok()) return events;
  EXPECT_TRUE((*source)->Drain([&](const KernelEvent& e) { events.push_back(e); }).ok());
  return events;
}

std::vector<v1::Profile> Answers(const std::vector<KernelEvent>& events) {
  Monitor monitor(CallSites::BuiltIn(), {});
  for (const KernelEvent& event : events) monitor.Apply(event);
  std::vector<v1::Profile> answers;
  const ProvenWorkloads proven = monitor.Proven();
  WorkloadJudge judge(monitor.sites(), {});
  for (const ProfileSnapshot& snapshot : monitor.Snapshots()) {
    const WorkloadSnapshot one = OneOf(snapshot, proven);
    const std::vector<Profile> instances = Joined(one.versions.front());
    answers.push_back(ToProto(instances.front(), judge.Judge(one, 0, instances), true));
  }
  return answers;
}

// One kind of check, with all that a verdict rests on.
std::string EvidenceLine(const std::string& capability, const v1::Evidence& evidence) {
  std::ostringstream line;
  line << "  " << capability << (evidence.granted() ? " granted x" : " refused x")
       << evidence.count() << " at " << evidence.site() << " [" << evidence.site_class() << "] in "
       << evidence.syscall() << ": " << evidence.succeeded() << " succeeded, " << evidence.failed()
       << " failed (" << absl::StrJoin(evidence.errnos(), " ") << "), " << evidence.phase() << " "
       << evidence.binary() << " (" << absl::StrJoin(evidence.traits(), " ") << ") -> "
       << evidence.verdict() << "\n";
  return line.str();
}

std::string Table(const std::vector<v1::Profile>& answers) {
  std::ostringstream table;
  for (const v1::Profile& profile : answers) {
    table << "=== " << profile.container().cgroup_path() << "\n";
    RenderProfile(table, profile, {});
    table << "evidence:\n";
    for (const v1::CapabilityVerdict& row : profile.capabilities())
      for (const v1::Evidence& evidence : row.evidence())
        table << EvidenceLine(row.capability(), evidence);
  }
  return table.str();
}

std::string Json(const std::vector<v1::Profile>& answers) {
  std::string all;
  for (const v1::Profile& profile : answers) {
    const auto json = MessageToJson(profile, true);
    EXPECT_TRUE(json.ok()) << json.status();
    all += json.value_or("") + "\n";
  }
  return all;
}

void ExpectGolden(const std::string& text, const fs::path& golden) {
  if (std::getenv("CAPMON_REGENERATE_GOLDEN") != nullptr) WriteFile(golden, text);
  EXPECT_EQ(text, ReadFile(golden));
}

class Replay : public testing::TestWithParam<std::string> {};

TEST_P(Replay, GivesTheGoldenAnswer) {
  ExpectGolden(Table(Answers(EventsOf(GetParam()))), kCases / (GetParam() + ".golden"));
}

TEST(ReplayJson, GivesTheWholeGoldenAnswer) {
  const std::string name = "nothing_granted";
  ExpectGolden(Json(Answers(EventsOf(name))), kCases / (name + ".json"));
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
  EXPECT_EQ(Table(Answers(split)), ReadFile(kCases / (GetParam() + ".golden")));
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
