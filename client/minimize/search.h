// SPDX-License-Identifier: Apache-2.0
// Searches for the smallest set with which a job is done, by trying. Pure: a function runs the job
// under a set and returns the result. Only sets that passed are adopted, so a job with unusual
// needs (either of two, or one only together with another) ends with a set that works.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// "CHOWN, KILL", or "no capability".
std::string NamesOf(CapabilitySet set);

// Why a capability of the recommendation may not be needed; most doubtful first, which is the order
// of trying.
enum class Doubt {
  kFoundUnneeded,  // by an earlier search
  kConstraint,     // an exec or capset(2) asks for it
  kConditional,    // something cheaper may have been enough
  kDegrades,       // the program continues without it
  kEither,         // another one is enough as well
  kReview,         // checked at a call site that is not in the table
  kUnknown,        // no need was seen, and the evidence cannot show one
  kRequired,       // a denial makes the call fail
};

struct TrialCandidate {
  Capability capability = 0;
  Doubt doubt = Doubt::kRequired;
  std::vector<Capability> narrower = {};  // possible replacements, narrowest first
  // Why a run that passes without it proves nothing, a clause; "" if it may prove something. Only
  // whether the job fails without it is tried then.
  std::string lasting = {};
};

// Of these it is tried one by one whether the job fails without them.
inline bool IsTriedAlone(const TrialCandidate& candidate) {
  return candidate.doubt == Doubt::kRequired || !candidate.lasting.empty();
}

enum class TrialEnd {
  kPassed,
  kFailed,
  kUnsteady,     // the check both passed and failed during one run
  kInterrupted,  // by the user
  kBroken,       // could not be carried out, for a reason that is not the set
};

struct TrialResult {
  TrialEnd end = TrialEnd::kPassed;
  std::string why = {};  // a clause, for every end but kPassed
  // All that needed them before was done again, or tried again without them, as far as it was
  // observed: only of these a run can prove anything.
  CapabilitySet repeated = {};
  std::string unproven = {};  // why the run proves nothing about the others, a clause; "": as usual
  CapabilitySet failed = {};  // denied, which made a system call fail
};
using Trial = std::function<TrialResult(CapabilitySet set)>;

struct SearchLimits {
  int max_runs = 12;
  int repeat = 3;              // runs that a reduced set must pass before it is believed
  bool only_doubtful = false;  // what is required is kept without a run
};

enum class TrialFinding {
  kProven,     // the job fails without it
  kUnneeded,   // the job is done without it
  kReplaced,   // the job fails without it, and is done with a narrower one
  kUndecided,  // kept
};

struct TriedOut {
  Capability capability = 0;
  TrialFinding finding = TrialFinding::kUndecided;
  std::string reason = {};  // a clause
  Capability instead = 0;   // for kReplaced
};

enum class SearchEnd {
  kDone,
  kMaxRuns,
  kCheckFails,  // under the full set: nothing was decided
  kRandom,      // the same set passed and failed: nothing was decided
  kInterrupted,
  kBroken,
};

struct SearchResult {
  CapabilitySet set;  // the smallest that passed; the full set if nothing was decided
  // False: `set` leaves something out and did not pass as often as required.
  bool confirmed = true;
  std::vector<TriedOut> found;  // one for each candidate, in their order
  SearchEnd end = SearchEnd::kDone;
  std::string why;  // one clause, for every end but kDone
  int runs = 0;
};

// Sorts by doubt; a capability is in the list once.
SearchResult SearchSmallest(std::vector<TrialCandidate> candidates, const Trial& trial,
                            const SearchLimits& limits);

}  // namespace capmon
