// SPDX-License-Identifier: Apache-2.0
// The accuracy corpus without root and without containers: corpus/CASE.events is what capmond saw
// of the case, and truth.tsv has what the case was measured to need. `tests/corpus/run.sh
// --leave-recordings CASE...` renews both; see tests/corpus/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/collector/replay_source.h"
#include "daemon/monitor.h"
#include "daemon/profile/verdict.h"
#include "generated/build_paths.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

const fs::path kRecordings = fs::path(CAPMON_SOURCE_DIR) / "tests/replay/corpus";
constexpr uintmax_t kMostBytes = 128 << 10;
constexpr double kLeastExact = 0.95;

struct Case {
  std::string name;
  std::vector<CapabilitySet> minimal;  // with any of these the case does its job
  CapabilitySet beyond;                // kept as well, though no such set has it
  CapabilitySet unknown;
};

void PrintTo(const Case& known, std::ostream* out) { *out << known.name; }

// "CHOWN SETUID"; "-" for none.
CapabilitySet SetOf(const std::string& text) {
  CapabilitySet set;
  if (text == "-") return set;
  const std::vector<std::string> names = absl::StrSplit(text, ' ', absl::SkipEmpty());
  for (const std::string& name : names) {
    const auto capability = ParseCapability(name);
    EXPECT_TRUE(capability.has_value()) << name;
    if (capability) set.Add(*capability);
  }
  return set;
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  const std::vector<std::string> lines =
      absl::StrSplit(ReadFile(kRecordings / "truth.tsv"), '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    if (line.starts_with('#')) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    Case& known = cases.emplace_back(Case{cells.at(0), {}, SetOf(cells.at(2)), SetOf(cells.at(3))});
    const std::vector<std::string> sets = absl::StrSplit(cells.at(1), " | ");
    for (const std::string& set : sets) known.minimal.push_back(SetOf(set));
  }
  return cases;
}

// The container of a recording; it has no other.
Profile Replayed(const std::string& name) {
  Profile profile;
  auto source = ReplaySource::Open(kRecordings / (name + ".events"));
  EXPECT_TRUE(source.ok()) << source.status();
  if (!source.ok()) return profile;
  Monitor monitor(CallSites::BuiltIn(), {});
  EXPECT_TRUE((*source)->Drain([&](const KernelEvent& event) { monitor.Apply(event); }).ok());
  for (Profile& one : monitor.Profiles())
    if (one.container.kind != ContainerKind::kHost) profile = std::move(one);
  return profile;
}

std::string Names(CapabilitySet set) {
  std::string names;
  for (Capability one : set.members()) names += ShortCapabilityName(one) + " ";
  return names;
}

class Corpus : public testing::TestWithParam<Case> {};

TEST_P(Corpus, IsAnsweredByWhatTheCaseNeeds) {
  const Case& known = GetParam();
  const Profile profile = Replayed(known.name);
  ASSERT_TRUE(profile.held);
  const Recommendation advice = Judge(profile, CallSites::BuiltIn()).recommendation;
  EXPECT_EQ(Names(advice.unknown), Names(known.unknown));
  std::string answers;
  bool as_known = false;
  for (const CapabilitySet& minimal : known.minimal) {
    const CapabilitySet kept = minimal | known.beyond | known.unknown;
    as_known = as_known || (advice.keep | advice.unknown) == kept;
    answers += "\n  " + Names(kept);
  }
  EXPECT_TRUE(as_known) << "kept is " << Names(advice.keep | advice.unknown) << ", and not one of"
                        << answers;
  EXPECT_EQ(Names(advice.remove), Names(profile.held->bounding - advice.keep - advice.unknown));
}

INSTANTIATE_TEST_SUITE_P(Cases, Corpus, testing::ValuesIn(Cases()), [](const auto& instance) {
  std::string name = instance.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CorpusTable, HasARowForEveryRecordingAndEachIsSmall) {
  std::set<std::string> rows, recordings;
  for (const Case& known : Cases()) rows.insert(known.name);
  for (const fs::directory_entry& entry : fs::directory_iterator(kRecordings)) {
    if (entry.path().extension() != ".events") continue;
    recordings.insert(entry.path().stem());
    EXPECT_LE(entry.file_size(), kMostBytes) << entry.path();
  }
  EXPECT_EQ(rows, recordings);
}

TEST(CorpusTable, EveryCaseOfTheCorpusHasARecording) {
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(CAPMON_SOURCE_DIR) / "tests/corpus/cases"))
    EXPECT_TRUE(fs::exists(kRecordings / (entry.path().stem().string() + ".events")))
        << "tests/corpus/run.sh --leave-recordings " << entry.path().stem().string();
}

// Each row is below a comment with the cases that prove it: what the program does without is in
// none of the sets that one of them was measured to need.
TEST(Programs, EachRowHasAProof) {
  std::map<std::string, Case> known;
  for (const Case& one : Cases()) known[one.name] = one;
  std::vector<std::string> proofs;
  const std::vector<std::string> lines =
      absl::StrSplit(ReadFile(fs::path(CAPMON_SOURCE_DIR) / "daemon/profile/programs.tsv"), '\n',
                     absl::SkipEmpty());
  constexpr char kProof[] = "# proof: ";
  for (const std::string& line : lines) {
    if (line.starts_with(kProof)) {
      proofs = absl::StrSplit(line.substr(sizeof(kProof) - 1), ' ');
      continue;
    }
    if (line.starts_with('#')) continue;
    EXPECT_FALSE(proofs.empty()) << line;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    const CapabilitySet without = cells.at(2) == "-"
                                      ? CapabilitySet()
                                      : SetOf(absl::StrReplaceAll(cells.at(2), {{",", " "}}));
    for (const std::string& proof : proofs) {
      ASSERT_TRUE(known.contains(proof)) << proof;
      const std::vector<CapabilitySet>& sets = known[proof].minimal;
      EXPECT_TRUE(std::any_of(sets.begin(), sets.end(), [&](CapabilitySet minimal) {
        return (minimal & without).empty();
      })) << line;
    }
    proofs.clear();
  }
}

TEST(CorpusTable, MostAnswersAreExact) {
  const std::vector<Case> cases = Cases();
  const auto exact = std::count_if(cases.begin(), cases.end(), [](const Case& known) {
    return known.beyond.empty() && known.unknown.empty();
  });
  EXPECT_GE(static_cast<double>(exact), kLeastExact * static_cast<double>(cases.size()));
}

}  // namespace
}  // namespace capmon
