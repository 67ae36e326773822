// SPDX-License-Identifier: Apache-2.0
// The search for the smallest set, against functions that know the truth.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "client/minimize/search.h"

namespace capmon {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;

constexpr Capability kChown = 0, kDacOverride = 1, kDacRead = 2, kNetBind = 10, kNetRaw = 13;

TrialResult Passed(CapabilitySet repeated = AllCapabilities()) {
  return {.end = TrialEnd::kPassed, .why = "", .repeated = repeated, .failed = {}};
}
TrialResult Failed(CapabilitySet denied = {}) {
  return {.end = TrialEnd::kFailed, .why = "it failed", .repeated = {}, .failed = denied};
}
Trial Needs(CapabilitySet needed, bool witnessed = true) {
  return [=](CapabilitySet set) {
    const CapabilitySet lacking = needed - set;
    return lacking.empty() ? Passed() : Failed(witnessed ? lacking : CapabilitySet());
  };
}
TrialCandidate Sure(Capability c) { return {.capability = c, .doubt = Doubt::kRequired}; }
TrialCandidate Doubtful(Capability c, Doubt doubt = Doubt::kDegrades) {
  return {.capability = c, .doubt = doubt};
}
TrialFinding FindingOf(const SearchResult& result, Capability c) {
  for (const TriedOut& found : result.found)
    if (found.capability == c) return found.finding;
  ADD_FAILURE() << "nothing found about " << ShortCapabilityName(c);
  return TrialFinding::kUndecided;
}

TEST(Search, WhatIsNeededIsProvenAndTheRestLetGo) {
  const SearchResult result =
      SearchSmallest({Sure(kNetBind), Doubtful(kChown), Doubtful(kNetRaw)}, Needs({kNetBind}), {});
  EXPECT_EQ(result.set, CapabilitySet({kNetBind}));
  EXPECT_EQ(result.end, SearchEnd::kDone);
  EXPECT_TRUE(result.confirmed);
  EXPECT_EQ(FindingOf(result, kNetBind), TrialFinding::kProven);
  EXPECT_EQ(FindingOf(result, kChown), TrialFinding::kUnneeded);
  EXPECT_EQ(result.runs, 5);  // full, without both, without NET_BIND_SERVICE, two to confirm
}

TEST(Search, AnExactRecommendationTakesOneRunForEachMember) {
  const SearchResult result = SearchSmallest({Sure(kNetBind), Sure(kChown), Sure(kNetRaw)},
                                             Needs({kNetBind, kChown, kNetRaw}), {});
  EXPECT_EQ(result.runs, 4);
  EXPECT_THAT(result.found, Each(Field(&TriedOut::finding, TrialFinding::kProven)));
}

TEST(Search, AFailureWithoutAWitnessIsBelievedAfterItWasRepeated) {
  const SearchResult result =
      SearchSmallest({Sure(kNetBind)}, Needs({kNetBind}, /*witnessed=*/false), {});
  EXPECT_EQ(result.runs, 3);
  EXPECT_EQ(FindingOf(result, kNetBind), TrialFinding::kProven);
}

TEST(Search, ADenialThatFailsACallIsAWitnessAlsoOfADoubtfulOne) {
  EXPECT_EQ(SearchSmallest({Doubtful(kChown, Doubt::kEither)}, Needs({kChown}), {}).runs, 2);
  // A program is known to put up with this kind.
  EXPECT_EQ(SearchSmallest({Doubtful(kChown, Doubt::kDegrades)}, Needs({kChown}), {}).runs, 3);
}

TEST(Search, WhatIsRequiredCanBeKeptWithoutARun) {
  const SearchResult result = SearchSmallest({Sure(kNetBind), Sure(kNetRaw), Doubtful(kChown)},
                                             Needs({kNetBind}), {.only_doubtful = true});
  EXPECT_EQ(result.set, CapabilitySet({kNetBind, kNetRaw}));
  EXPECT_EQ(result.runs, 4);  // full, without CHOWN, two to confirm
  EXPECT_EQ(FindingOf(result, kNetRaw), TrialFinding::kUndecided);
  EXPECT_EQ(FindingOf(result, kNetBind), TrialFinding::kUndecided);
  EXPECT_EQ(FindingOf(result, kChown), TrialFinding::kUnneeded);
}

// As a mail server does: what its start script sets up with FOWNER, it can use only with
// DAC_OVERRIDE.
TEST(Search, WhatWasNeededOnlyBesideAnotherIsTriedAgain) {
  const Trial mail = [](CapabilitySet set) {
    return set.Has(kChown) || !set.Has(kNetRaw) ? Passed() : Failed({kChown});
  };
  const std::vector<TrialCandidate> candidates = {Doubtful(kChown, Doubt::kEither), Sure(kNetRaw)};
  const SearchResult result = SearchSmallest(candidates, mail, {});
  EXPECT_EQ(result.set, CapabilitySet());
  EXPECT_EQ(result.end, SearchEnd::kDone);
  EXPECT_EQ(result.runs, 6);  // full, without each, without both, two to confirm
  const SearchResult hasty = SearchSmallest(candidates, mail, {.max_runs = 5});
  EXPECT_EQ(hasty.set, CapabilitySet({kChown}));
  EXPECT_EQ(hasty.end, SearchEnd::kDone);
  EXPECT_THAT(hasty.found[0].reason, HasSubstr("that run still had NET_RAW"));
}

TEST(Search, TheLikelyReasonIsSetAsideFirst) {
  const SearchResult result =
      SearchSmallest({Doubtful(0), Doubtful(1), Doubtful(2), Doubtful(3)}, Needs({0}), {});
  EXPECT_EQ(result.set, CapabilitySet({0}));
  EXPECT_EQ(result.runs, 6);  // full, without all, without 1-3, without 0 (again), two to confirm
}

TEST(Search, ACheckThatFailsWithEverythingStopsIt) {
  const SearchResult result =
      SearchSmallest({Sure(kChown)}, [](CapabilitySet) { return Failed(); }, {});
  EXPECT_EQ(result.end, SearchEnd::kCheckFails);
  EXPECT_EQ(result.set, CapabilitySet({kChown}));
  EXPECT_EQ(result.runs, 2);
  EXPECT_THAT(result.found, Each(Field(&TriedOut::finding, TrialFinding::kUndecided)));
}

TEST(Search, AnUnsteadyCheckStopsIt) {
  int runs = 0;
  const Trial unsteady = [&](CapabilitySet) {
    return ++runs == 1 ? Failed() : Passed();  // the second run of the same set
  };
  EXPECT_EQ(SearchSmallest({Sure(kChown)}, unsteady, {}).end, SearchEnd::kRandom);
  const Trial mixed = [](CapabilitySet) {
    TrialResult result;
    result.end = TrialEnd::kUnsteady;
    return result;
  };
  const SearchResult result = SearchSmallest({Sure(kChown)}, mixed, {});
  EXPECT_EQ(result.end, SearchEnd::kRandom);
  EXPECT_EQ(result.runs, 1);
}

TEST(Search, WhatIsNotRepeatedIsKept) {
  // CHOWN was needed when it was observed; its work is done.
  const Trial done = [](CapabilitySet) { return Passed({kNetRaw}); };
  const SearchResult result = SearchSmallest({Sure(kChown), Doubtful(kNetRaw)}, done, {});
  EXPECT_EQ(result.set, CapabilitySet({kChown}));
  EXPECT_EQ(FindingOf(result, kChown), TrialFinding::kUndecided);
}

// A run passes without CHOWN, but does not come to what needed it.
TEST(Search, ARunThatDidNotTryProvesNothing) {
  const Trial skips = [](CapabilitySet set) {
    if (set.Has(kChown)) return Needs({kNetRaw})(set);
    TrialResult result = Needs({kNetRaw})(set);
    result.repeated.Remove(kChown);
    return result;
  };
  const std::vector<TrialCandidate> candidates = {Doubtful(kChown), Doubtful(kDacRead),
                                                  Sure(kNetRaw)};
  const SearchResult result = SearchSmallest(candidates, skips, {});
  EXPECT_EQ(result.set, CapabilitySet({kChown, kNetRaw}));
  EXPECT_EQ(FindingOf(result, kChown), TrialFinding::kUndecided);
  EXPECT_THAT(result.found[0].reason, HasSubstr("did not try all that needed it"));
  EXPECT_EQ(FindingOf(result, kDacRead), TrialFinding::kUnneeded);
  EXPECT_EQ(FindingOf(result, kNetRaw), TrialFinding::kProven);
}

TEST(Search, ALossOfEvidenceIsSaid) {
  const Trial loses = [](CapabilitySet set) {
    TrialResult result = Passed();
    if (!set.Has(kChown)) result.repeated = {};
    if (!set.Has(kChown)) result.unproven = "evidence was lost";
    return result;
  };
  const SearchResult result = SearchSmallest({Sure(kChown)}, loses, {});
  EXPECT_EQ(result.set, CapabilitySet({kChown}));
  EXPECT_EQ(result.found[0].reason, "evidence was lost");
}

// An owner that an earlier run changed is there in a later one.
TEST(Search, OfWhatLastsOnlyAFailureProvesAnything) {
  TrialCandidate lasting = Doubtful(kChown), needed = Doubtful(kDacOverride, Doubt::kEither);
  lasting.lasting = needed.lasting = "it lasts";
  needed.narrower = {kDacRead};
  const Trial job = [](CapabilitySet set) {
    return set.Has(kDacOverride) || set.Has(kDacRead) ? Passed() : Failed({kDacOverride});
  };
  const SearchResult result = SearchSmallest({lasting, needed, Doubtful(kNetRaw)}, job, {});
  EXPECT_EQ(result.set, CapabilitySet({kChown, kDacOverride}));
  EXPECT_EQ(FindingOf(result, kChown), TrialFinding::kUndecided);
  EXPECT_EQ(FindingOf(result, kDacOverride), TrialFinding::kProven) << "not replaced either";
  EXPECT_EQ(FindingOf(result, kNetRaw), TrialFinding::kUnneeded);
  EXPECT_THAT(result.found, testing::Contains(Field(&TriedOut::reason, "it lasts")));
}

TEST(Search, ANarrowerOneReplacesWhatIsNeeded) {
  TrialCandidate either = Doubtful(kDacOverride, Doubt::kEither);
  either.narrower = {kDacRead};
  const Trial reads = [](CapabilitySet set) {
    return set.Has(kDacOverride) || set.Has(kDacRead) ? Passed() : Failed();
  };
  const SearchResult result = SearchSmallest({either}, reads, {});
  EXPECT_EQ(result.set, CapabilitySet({kDacRead}));
  EXPECT_EQ(FindingOf(result, kDacOverride), TrialFinding::kReplaced);
  EXPECT_EQ(result.found[0].instead, kDacRead);
}

TEST(Search, AnInterruptGivesTheBestSetSoFar) {
  int runs = 0;
  const Trial interrupted = [&](CapabilitySet set) {
    if (++runs < 3) return Needs({kNetBind})(set);
    TrialResult result;
    result.end = TrialEnd::kInterrupted;
    return result;
  };
  const SearchResult result = SearchSmallest({Sure(kNetBind), Doubtful(kChown)}, interrupted, {});
  EXPECT_EQ(result.end, SearchEnd::kInterrupted);
  EXPECT_EQ(result.set, CapabilitySet({kNetBind}));
  EXPECT_FALSE(result.confirmed);
  EXPECT_THAT(result.found, Each(Field(&TriedOut::finding, TrialFinding::kUndecided)));
}

TEST(Search, WithoutRunsLeftTheRestIsKept) {
  std::vector<TrialCandidate> many;
  for (Capability c = 0; c < 20; ++c) many.push_back(Sure(c));
  const SearchResult result = SearchSmallest(many, Needs({0, 1}), {.max_runs = 8, .repeat = 3});
  EXPECT_LE(result.runs, 8);
  EXPECT_EQ(result.end, SearchEnd::kMaxRuns);
  EXPECT_TRUE(result.confirmed);
  EXPECT_TRUE((CapabilitySet({0, 1}) - result.set).empty());
  EXPECT_THAT(result.why, HasSubstr("--max-runs"));
}

// Random truths: candidates with random doubts, and a function of the set.
class RandomTruths : public ::testing::Test {
 protected:
  static constexpr int kTruths = 10'000;

  bool Chance(double probability) { return std::bernoulli_distribution(probability)(random_); }
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  std::vector<TrialCandidate> SomeCandidates(int most) {
    std::vector<TrialCandidate> candidates;
    for (int c = Below(most); c >= 0; --c)
      candidates.push_back(
          {.capability = static_cast<Capability>(c),
           .doubt = Chance(0.7) ? Doubt::kRequired : static_cast<Doubt>(Below(6))});
    return candidates;
  }
  // The doubtful ones are mostly not needed, the others mostly are.
  CapabilitySet SomeNeeds(const std::vector<TrialCandidate>& candidates) {
    CapabilitySet needs;
    for (const TrialCandidate& candidate : candidates)
      if (Chance(candidate.doubt == Doubt::kRequired ? 0.95 : 0.3)) needs.Add(candidate.capability);
    return needs;
  }
  static CapabilitySet All(const std::vector<TrialCandidate>& candidates) {
    CapabilitySet all;
    for (const TrialCandidate& candidate : candidates) all.Add(candidate.capability);
    return all;
  }

  std::mt19937 random_{20261129};
};

TEST_F(RandomTruths, TheSmallestSetIsFound) {
  std::vector<int> runs;
  for (int i = 0; i < kTruths; ++i) {
    const auto candidates = SomeCandidates(5);
    const CapabilitySet needs = SomeNeeds(candidates);
    const SearchResult result = SearchSmallest(candidates, Needs(needs), {.max_runs = 40});
    ASSERT_EQ(result.set, needs) << "truth " << i;
    ASSERT_EQ(result.end, SearchEnd::kDone);
    for (const TriedOut& found : result.found)
      ASSERT_EQ(found.finding,
                needs.Has(found.capability) ? TrialFinding::kProven : TrialFinding::kUnneeded);
    runs.push_back(result.runs);
  }
  std::nth_element(runs.begin(), runs.begin() + kTruths / 2, runs.end());
  EXPECT_LE(runs[kTruths / 2], 5);
}

TEST_F(RandomTruths, AnyFunctionOfTheSetEndsWithASetThatPasses) {
  for (int i = 0; i < kTruths; ++i) {
    const auto candidates = SomeCandidates(6);
    const CapabilitySet all = All(candidates);
    std::map<uint64_t, bool> truth = {{all.bits(), true}};
    const Trial trial = [&](CapabilitySet set) {
      const auto [known, is_new] = truth.emplace(set.bits(), false);
      if (is_new) known->second = Chance(0.5);
      return known->second ? Passed() : Failed(all - set);
    };
    const SearchLimits limits = {.max_runs = 1 + Below(15), .repeat = 1 + Below(4)};
    const SearchResult result = SearchSmallest(candidates, trial, limits);
    ASSERT_LE(result.runs, limits.max_runs);
    ASSERT_TRUE(truth.at(result.set.bits())) << "truth " << i;
    ASSERT_EQ(result.found.size(), candidates.size());
    for (const TriedOut& found : result.found)
      ASSERT_EQ(
          found.finding == TrialFinding::kUnneeded || found.finding == TrialFinding::kReplaced,
          !result.set.Has(found.capability))
          << "truth " << i;
  }
}

// A check that passes seven times of ten while the job is done, as CheckCommand tries and repeats
// it.
class RandomChecks : public RandomTruths {
 protected:
  // With a job that ended the first try counts; one that runs is tried again until it passes.
  TrialResult Checked(bool done, bool ended) {
    const auto passes = [&] { return done && Chance(0.7); };
    bool passed = passes();
    for (int more = 0; !ended && !passed && more < 20; ++more) passed = passes();
    TrialResult result = passed ? Passed() : Failed();
    for (int again = 0; again < 10; ++again)
      if (passes() != passed) result.end = TrialEnd::kUnsteady;
    return result;
  }
};

TEST_F(RandomChecks, NothingWrongIsSaidOfAJobThatIsDoneOrNot) {
  int undecided = 0;
  for (int i = 0; i < kTruths; ++i) {
    const auto candidates = SomeCandidates(5);
    const CapabilitySet needs = SomeNeeds(candidates);
    const Trial trial = [&](CapabilitySet set) {
      return Checked((needs - set).empty(), /*ended=*/i % 2 == 0);
    };
    const SearchResult result = SearchSmallest(candidates, trial, {});
    ASSERT_TRUE((needs - result.set).empty()) << "truth " << i;
    for (const TriedOut& found : result.found)
      ASSERT_TRUE(found.finding == TrialFinding::kUndecided ||
                  (found.finding == TrialFinding::kProven) == needs.Has(found.capability))
          << "truth " << i;
    undecided += result.end == SearchEnd::kRandom;
  }
  // One run of 35 repeats the check ten times with one result.
  EXPECT_GT(undecided, kTruths * 95 / 100);
}

// Less than one search in a million ends otherwise: that takes four such runs.
TEST_F(RandomChecks, WhatIsOnlyChanceGivesNoSet) {
  int undecided = 0;
  for (int i = 0; i < kTruths; ++i) {
    const auto candidates = SomeCandidates(5);
    const Trial trial = [&](CapabilitySet) { return Checked(true, /*ended=*/i % 2 == 0); };
    const SearchResult result = SearchSmallest(candidates, trial, {});
    ASSERT_EQ(result.set, All(candidates)) << "truth " << i;
    ASSERT_THAT(result.found, Each(Field(&TriedOut::finding, TrialFinding::kUndecided)));
    undecided += result.end == SearchEnd::kRandom;
  }
  EXPECT_GT(undecided, kTruths * 95 / 100);
}

// Where runs themselves are random, and no check can be repeated within one.
TEST_F(RandomTruths, ARandomJobSeldomGivesASmallerSet) {
  int smaller = 0;
  for (int i = 0; i < kTruths; ++i) {
    const auto candidates = SomeCandidates(5);
    const Trial trial = [&](CapabilitySet) { return Chance(0.7) ? Passed() : Failed(); };
    const SearchResult result = SearchSmallest(candidates, trial, {.max_runs = 20, .repeat = 12});
    smaller += result.set != All(candidates) && result.confirmed;
  }

  EXPECT_LT(smaller, kTruths / 50);
}

}  // namespace
}  // namespace capmon
