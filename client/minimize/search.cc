// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/search.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace capmon {

std::string NamesOf(CapabilitySet set) {
  if (set.empty()) return "no capability";
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(ShortCapabilityName(c));
  return absl::StrJoin(names, ", ");
}
namespace {

using Candidates = std::vector<TrialCandidate>;

constexpr int kFailuresToBelieve = 2;
constexpr int kContradictionsToStop = 2;  // a set that passed and failed, or an unsteady run
constexpr char kNoRunsLeft[] = "no run was left for it (--max-runs)";
constexpr char kNotRepeated[] =
    "the run with everything did not repeat all that needed it, so runs without it prove nothing; "
    "that work may have been done before, or be done seldom";
constexpr char kNotTried[] =
    "the run without it passed, but did not try all that needed it in the run with everything: "
    "that work may have been done before, or be done seldom";

CapabilitySet SetOf(const Candidates& candidates) {
  CapabilitySet set;
  for (const TrialCandidate& candidate : candidates) set.Add(candidate.capability);
  return set;
}

CapabilitySet With(CapabilitySet set, Capability c) { return set | CapabilitySet{c}; }
CapabilitySet Without(CapabilitySet set, Capability c) { return set - CapabilitySet{c}; }

// Of the other kinds a program is known to put up with a denial, or no check was seen.
bool FailsWhenDenied(Doubt doubt) {
  return doubt == Doubt::kRequired || doubt == Doubt::kEither || doubt == Doubt::kConditional ||
         doubt == Doubt::kReview;
}

std::string Times(int count) { return count == 1 ? "once" : absl::StrCat(count, " times"); }

// The results of one set.
struct Record {
  int passes = 0;
  int failures = 0;
  bool unsteady = false;
  TrialResult last;
};

class Search {
 public:
  Search(Candidates candidates, const Trial& trial, const SearchLimits& limits)
      : candidates_(std::move(candidates)), trial_(trial), limits_(limits) {
    full_ = SetOf(candidates_);
    best_ = full_;
  }

  SearchResult Run() {
    if (Establish()) {
      const auto [doubtful, required] = Split();
      Reduce(doubtful);
      for (const TrialCandidate& candidate : required)
        limits_.only_doubtful&& candidate.doubt == Doubt::kRequired ? Spare(candidate)
                                                                    : TryOne(candidate);
      Recheck();
      Confirm();
    }
    return Result();
  }

 private:
  bool over() const { return end_ != SearchEnd::kDone; }
  void End(SearchEnd end, std::string why) {
    if (over()) return;
    end_ = end;
    why_ = std::move(why);
  }

  // Returns the runs that are needed to confirm a set.
  int RunsToConfirm(CapabilitySet set) {
    return set == full_ ? 0 : std::max(0, limits_.repeat - records_[set.bits()].passes);
  }

  // Runs the job under a set, or returns nothing: the search is over, or no run is left besides
  // those that confirm the best set.
  std::optional<TrialEnd> Try(CapabilitySet set, bool confirming = false) {
    if (over()) return std::nullopt;
    if (runs_ + 1 + (confirming ? 0 : RunsToConfirm(best_)) > limits_.max_runs) {
      out_of_runs_ = true;
      return std::nullopt;
    }
    ++runs_;
    Record& record = records_[set.bits()];
    record.last = trial_(set);
    switch (record.last.end) {
      case TrialEnd::kPassed: ++record.passes; break;
      case TrialEnd::kFailed: ++record.failures; break;
      case TrialEnd::kUnsteady: record.unsteady = true; break;
      case TrialEnd::kInterrupted: End(SearchEnd::kInterrupted, "interrupted"); return std::nullopt;
      case TrialEnd::kBroken: End(SearchEnd::kBroken, record.last.why); return std::nullopt;
    }
    if (record.unsteady || (record.passes > 0 && record.failures > 0)) Contradict(set, record);
    return record.last.end;
  }

  // One contradiction leaves the capability undecided; more show that the check is random, and so
  // does one under a set that everything else is compared with.
  void Contradict(CapabilitySet set, const Record& record) {
    ++contradictions_;
    if (set != best_ && contradictions_ < kContradictionsToStop) return;
    End(SearchEnd::kRandom,
        record.unsteady
            ? absl::StrCat("the check both passed and failed during one run with ", NamesOf(set))
            : absl::StrCat("the same set, ", NamesOf(set), ", passed ", Times(record.passes),
                           " and failed ", Times(record.failures)));
  }

  bool Establish() {
    const auto first = Try(full_);
    if (first == TrialEnd::kPassed) {
      const TrialResult& whole = records_[full_.bits()].last;
      for (const Capability c : (full_ - whole.repeated).members())
        Note(c, TrialFinding::kUndecided, whole.unproven.empty() ? kNotRepeated : whole.unproven);
      return true;
    }
    // A second run distinguishes a check that fails from one that is random.
    if (first == TrialEnd::kFailed && Try(full_) == TrialEnd::kFailed)
      End(SearchEnd::kCheckFails, records_[full_.bits()].last.why);
    if (!over()) End(SearchEnd::kMaxRuns, "two runs with everything are needed (--max-runs)");
    return false;
  }

  // Returns the candidates that may be left out together and the others, without those that no run
  // can decide.
  std::pair<Candidates, Candidates> Split() const {
    std::pair<Candidates, Candidates> parts;
    for (const TrialCandidate& candidate : candidates_)
      if (!found_.contains(candidate.capability))
        (IsTriedAlone(candidate) ? parts.second : parts.first).push_back(candidate);
    return parts;
  }

  // Tries without all of the group, then without parts of it.
  void Reduce(const Candidates& group) {
    if (group.empty() || over()) return;
    if (group.size() == 1) return TryOne(group[0]);
    const CapabilitySet set = best_ - SetOf(group);
    if (!Failed(set)) {
      const auto end = Try(set);
      if (!end) return;
      if (end == TrialEnd::kPassed && Proves(set, SetOf(group))) return Adopt(set, SetOf(group));
    }
    const TrialResult& last = records_[set.bits()].last;
    const bool passed = last.end == TrialEnd::kPassed;
    const auto [first, second] = Halves(group, passed ? full_ - last.repeated : last.failed);
    Reduce(first);
    Reduce(second);
  }

  // Returns whether a run that passed tried what it left out.
  bool Proves(CapabilitySet set, CapabilitySet left_out) {
    return (left_out - records_[set.bits()].last.repeated).empty();
  }

  bool Failed(CapabilitySet set) const {
    const auto record = records_.find(set.bits());
    return record != records_.end() && record->second.failures > 0;
  }

  // Puts those whose denial made a call fail, or that a run that passed did not try, into the
  // second part: they are the likely reason.
  static std::pair<Candidates, Candidates> Halves(const Candidates& group, CapabilitySet failed) {
    std::pair<Candidates, Candidates> parts;
    for (const TrialCandidate& candidate : group)
      (failed.Has(candidate.capability) ? parts.second : parts.first).push_back(candidate);
    if (!parts.first.empty() && !parts.second.empty()) return parts;
    const auto middle = group.begin() + static_cast<Candidates::difference_type>(group.size() / 2);
    return {Candidates(group.begin(), middle), Candidates(middle, group.end())};
  }

  // Makes a set that passed the best one, if it can still be confirmed.
  void Adopt(CapabilitySet set, CapabilitySet left_out) {
    if (runs_ + RunsToConfirm(set) > limits_.max_runs) {
      for (const Capability c : left_out.members())
        Note(c, TrialFinding::kUndecided,
             "no run was left to confirm the one that passed without it");
      out_of_runs_ = true;
      return;
    }
    best_ = set;
    for (const Capability c : left_out.members()) Note(c, TrialFinding::kUnneeded, "");
  }

  void Spare(const TrialCandidate& candidate) {
    Note(candidate.capability, TrialFinding::kUndecided,
         "it was not tried (--prove doubtful); a denial makes its system call fail, which the job "
         "may put up with");
  }

  // Tries those again that were proven with a larger set than the best one: a program may need one
  // only because it has another. Only with runs that are left: they stay proven without.
  void Recheck() {
    const bool out_of_runs = out_of_runs_;
    for (const TrialCandidate& candidate : candidates_) {
      const auto known = found_.find(candidate.capability);
      if (known == found_.end() || known->second.finding != TrialFinding::kProven) continue;
      const TriedOut before = known->second;
      found_.erase(known);
      TryOne(candidate, /*with_narrower=*/false);
      found_.emplace(candidate.capability, before);
    }
    out_of_runs_ = out_of_runs;
  }

  void TryOne(const TrialCandidate& candidate, bool with_narrower = true) {
    const Capability c = candidate.capability;
    if (found_.contains(c)) return;
    const CapabilitySet set = Without(best_, c);
    while (!Believed(set, candidate)) {
      const auto end = Try(set);
      if (!end) return;
      if (end == TrialEnd::kFailed && !Contradicted(set)) continue;
      if (end == TrialEnd::kPassed && !Contradicted(set))
        return Pass(candidate, set, with_narrower);
      return Note(c, TrialFinding::kUndecided, "runs without it passed and failed");
    }
    Note(c, TrialFinding::kProven, records_[set.bits()].last.why);
    proven_with_[c] = set;
    if (with_narrower && candidate.lasting.empty()) Replace(candidate);
  }

  // A run passed without this one. Where it proves nothing, what was found before stays.
  void Pass(const TrialCandidate& candidate, CapabilitySet set, bool first_time) {
    const Capability c = candidate.capability;
    const TrialResult& last = records_[set.bits()].last;
    if (candidate.lasting.empty() && last.repeated.Has(c)) return Adopt(set, {c});
    if (!first_time) return;
    const std::string& why = last.unproven.empty() ? candidate.lasting : last.unproven;
    Note(c, TrialFinding::kUndecided, why.empty() ? kNotTried : why);
  }

  bool Contradicted(CapabilitySet set) {
    const Record& record = records_[set.bits()];
    return record.unsteady || (record.passes > 0 && record.failures > 0);
  }

  // A failure is believed after it was repeated. One is enough where the kernel is a second
  // witness: the denial made a call fail that succeeded before, and the job failed.
  bool Believed(CapabilitySet set, const TrialCandidate& candidate) {
    const Record& record = records_[set.bits()];
    if (record.passes > 0 || record.failures == 0) return false;
    const bool witnessed =
        FailsWhenDenied(candidate.doubt) && record.last.failed.Has(candidate.capability);
    return witnessed || record.failures >= kFailuresToBelieve;
  }

  void Replace(const TrialCandidate& candidate) {
    for (const Capability narrower : candidate.narrower) {
      if (over() || best_.Has(narrower)) continue;
      const CapabilitySet set = With(Without(best_, candidate.capability), narrower);
      if (Failed(set) || Try(set) != TrialEnd::kPassed || Contradicted(set)) continue;
      if (!Proves(set, {candidate.capability})) continue;
      if (runs_ + RunsToConfirm(set) > limits_.max_runs) return;
      best_ = set;
      found_[candidate.capability].finding = TrialFinding::kReplaced;
      found_[candidate.capability].instead = narrower;
      return;
    }
  }

  void Confirm() {
    while (!over() && RunsToConfirm(best_) > 0) {
      const auto end = Try(best_, /*confirming=*/true);
      if (!end) return;
      if (end != TrialEnd::kPassed)
        End(SearchEnd::kRandom, absl::StrCat("runs with ", NamesOf(best_), " passed and failed"));
    }
  }

  void Note(Capability c, TrialFinding finding, std::string reason) {
    found_[c] = {.capability = c, .finding = finding, .reason = std::move(reason)};
  }

  bool decided() const { return end_ != SearchEnd::kCheckFails && end_ != SearchEnd::kRandom; }

  // Returns why nothing is found about a candidate that was not tried.
  std::string NotTried() const {
    if (end_ == SearchEnd::kCheckFails) return "the check fails with everything";
    if (end_ == SearchEnd::kRandom) return "the check is random";
    if (end_ == SearchEnd::kInterrupted) return "the search was interrupted before";
    return over() ? "the search ended before" : kNoRunsLeft;
  }

  SearchResult Result() {
    SearchResult result;
    result.runs = runs_;
    result.set = decided() ? best_ : full_;
    result.confirmed = !decided() || RunsToConfirm(best_) == 0;
    const int passes = records_[best_.bits()].passes;
    for (const TrialCandidate& candidate : candidates_) {
      const auto known = found_.find(candidate.capability);
      TriedOut found = {candidate.capability, TrialFinding::kUndecided, NotTried()};
      if (decided() && known != found_.end()) found = known->second;
      if (found.finding == TrialFinding::kUnneeded)
        found.reason = absl::StrCat("the job was done without it, ", Times(passes));
      if (found.finding == TrialFinding::kProven) {
        const CapabilitySet more = proven_with_[found.capability] - best_;
        if (!more.empty()) absl::StrAppend(&found.reason, "; that run still had ", NamesOf(more));
      }
      const bool let_go = !best_.Has(candidate.capability);
      if (let_go && decided() && !result.confirmed) {
        found.finding = TrialFinding::kUndecided;
        found.reason = absl::StrCat("the job was done without it ", Times(passes), " only");
      }
      result.found.push_back(std::move(found));
    }
    if (!over() && out_of_runs_) End(SearchEnd::kMaxRuns, kNoRunsLeft);
    result.end = end_;
    result.why = why_;
    return result;
  }

  const Candidates candidates_;
  const Trial& trial_;
  const SearchLimits limits_;
  CapabilitySet full_;
  CapabilitySet best_;                  // the smallest that passed
  std::map<uint64_t, Record> records_;  // by the bits of the set
  std::map<Capability, TriedOut> found_;
  std::map<Capability, CapabilitySet> proven_with_;  // the set that failed
  int runs_ = 0;
  int contradictions_ = 0;
  bool out_of_runs_ = false;
  SearchEnd end_ = SearchEnd::kDone;
  std::string why_;
};

}  // namespace

SearchResult SearchSmallest(std::vector<TrialCandidate> candidates, const Trial& trial,
                            const SearchLimits& limits) {
  std::stable_sort(
      candidates.begin(), candidates.end(),
      [](const TrialCandidate& a, const TrialCandidate& b) { return a.doubt < b.doubt; });
  CapabilitySet seen;
  std::erase_if(candidates, [&](const TrialCandidate& candidate) {
    const bool again = seen.Has(candidate.capability);
    seen.Add(candidate.capability);
    return again;
  });
  return Search(std::move(candidates), trial, limits).Run();
}

}  // namespace capmon
