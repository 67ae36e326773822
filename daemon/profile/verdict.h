// SPDX-License-Identifier: Apache-2.0
// Evidence -> verdict -> recommendation. Pure and deterministic: the same profile and call-site
// table always give the same answer, in the same order.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/proof.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {

// One piece of evidence with what it means on its own.
struct JudgedEvidence {
  CheckEvidence evidence;
  Verdict verdict = Verdict::kReview;
  std::string site_class;  // "REQ", "COND", ...; "PROGRAM"; "" when the site is unknown
  std::string reason;      // one sentence
};

struct CapabilityVerdict {
  Capability capability = 0;
  Verdict verdict = Verdict::kUnused;
  bool held = false;            // the container was given it
  bool keep = false;            // part of the recommendation
  uint64_t used = 0;            // granted workload checks that count for this verdict
  uint64_t denied = 0;          // refused workload checks
  uint64_t checks = 0;          // every check of any phase and meaning
  uint64_t instances_used = 0;  // instances that needed or missed it, of Judgement::instances
  uint64_t imported_used = 0;   // likewise, of Judgement::imported
  TimeNs first = 0;
  TimeNs last = 0;
  bool times_exact = true;               // false: some were made while capmond did not run
  std::string reason;                    // one sentence, for people
  std::vector<Capability> narrower;      // would be enough as well, by the evidence
  std::vector<std::string> binaries;     // that used it, sorted
  std::vector<std::string> sites;        // kernel functions behind the verdict, sorted
  std::vector<std::string> syscalls;     // sorted
  std::vector<JudgedEvidence> evidence;  // strongest first
  // The different uses, denied ones and constraints included, as use.h writes them.
  std::set<std::string> uses;
  bool elsewhere = false;      // an imported instance needs it, was denied it, or may need it
  std::optional<Proof> proof;  // by ApplyProofs()
  std::string withdrawn;       // why the proof does not hold here; "" if it does
};

enum class Advice { kSafe, kUnsafe, kUnknown };
const char* Name(Advice advice);  // "safe", "unsafe", "unknown"

struct Recommendation {
  CapabilitySet keep;
  CapabilitySet remove;        // held, and shown not to be needed
  CapabilitySet unknown;       // held, and nothing can be said: kept until more is known
  std::string unknown_reason;  // why what was not seen may be needed; "" if it would have been
  CapabilitySet unseen;  // there may be uses that the evidence lacks, whether or not it is kept
  CapabilitySet proven_unneeded;  // kept, but for a proof
  Advice no_new_privileges = Advice::kUnknown;
  std::string no_new_privileges_reason;
  Advice non_root = Advice::kUnknown;
  std::string non_root_reason;
  std::vector<std::string> warnings;  // e.g. what the surroundings hid
};

struct Confidence {
  std::string state;  // "learning", "stable", "complete"
  int64_t observed_seconds = 0;
  uint64_t starts = 0;
  uint64_t lost = 0;                       // checks and records that may have shown a need
  std::map<std::string, uint64_t> losses;  // by cause, of every kind
  double known_sites = 1.0;                // share of workload checks at catalogued sites
  std::string backend;
  std::vector<std::string> blind_spots;
  std::vector<Gap> gaps;
  // What would have to be different for more confidence; clauses. When stable, some may be open.
  std::vector<std::string> open_conditions;
  // What has to be seen before it is complete; clauses. Empty when it is.
  std::vector<std::string> to_complete;
  std::string reload;       // what the evidence shows of reloads; a clause
  std::string approved_by;  // complete by this person's word; "": by evidence, or not complete
  TimeNs approved_at = 0;
};

struct Judgement {
  std::vector<CapabilityVerdict>
      capabilities;  // by verdict, then number; never-held unused left out
  Recommendation recommendation;
  Confidence confidence;
  uint64_t instances = 1;  // those folded into one profile included
  uint64_t imported = 0;   // instances elsewhere, from imported files
};

// What must have been seen before a stable profile is complete.
struct CompleteWhen {
  uint64_t starts = 3;
  uint64_t instances = 2;     // of which a start was seen; of a unit one is enough
  double known_sites = 0.95;  // the share of checks at catalogued sites

  friend bool operator==(const CompleteWhen&, const CompleteWhen&) = default;
};

struct JudgeOptions {
  bool strict_minimal = false;            // give up what only degrades
  bool assume_unused = false;             // take what is unknown for unused
  TimeNs stable_after = 600'000'000'000;  // time without news, with activity, until stable
  // Several profiles are instances of one workload and ran one image: one start that was seen shows
  // what a start needs, and what is no news for all is none for one. Losses of any count.
  bool one_image = false;
  CompleteWhen complete = {};
};

// What one piece of evidence means on its own, beside what `profile` already holds.
JudgedEvidence JudgeEvidence(const Profile& profile, const CallSites& sites,
                             const CheckEvidence& evidence);

Judgement Judge(const Profile& profile, const CallSites& sites, const JudgeOptions& options = {});

}  // namespace capmon
