// SPDX-License-Identifier: Apache-2.0
// What runs of a workload without a capability showed (`capmon minimize`), as a value.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/model/capability.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/conditions.h"

namespace capmon {

enum class ProofFinding { kUndecided, kNeeded, kUnneeded };

constexpr const char* Name(ProofFinding finding) {
  switch (finding) {
    case ProofFinding::kUndecided: return "undecided";
    case ProofFinding::kNeeded: return "needed";
    case ProofFinding::kUnneeded: return "unneeded";
  }
  return "";
}

constexpr std::optional<ProofFinding> ParseProofFinding(std::string_view name) {
  for (const ProofFinding finding :
       {ProofFinding::kUndecided, ProofFinding::kNeeded, ProofFinding::kUnneeded})
    if (name == Name(finding)) return finding;
  return std::nullopt;
}

struct Proof {
  ProofFinding finding = ProofFinding::kUndecided;
  std::string reason;          // one clause
  std::string digest;          // of the image that ran
  CapabilitySet keep;          // with these alone the job was done
  std::set<std::string> uses;  // that were tried, as in CapabilityVerdict::uses
  std::string check;           // the command that says whether the job is done; "" for none
  // Of one that is needed: further checks that failed without it. At kMaxChecks, more are not
  // known.
  std::set<std::string> also_needed_by;
  Conditions conditions;  // under which it was tried; empty: not known
  std::string version;    // of the capmon that ran it
  std::string by;         // "alice (uid 1000)"
  TimeNs at = 0;          // when it was recorded, by a clock that may be set back
  uint64_t sequence = 0;  // in the order of recording, from 1; 0: not known

  static constexpr size_t kMaxUses = 64;
  static constexpr size_t kMaxChecks = 8;

  friend bool operator==(const Proof&, const Proof&) = default;
};

// Of one workload.
using Proofs = std::map<Capability, Proof>;

struct ProofKey {
  std::string workload;  // as Print() spells it
  Capability capability = 0;

  friend auto operator<=>(const ProofKey&, const ProofKey&) = default;
};
inline constexpr size_t kMaxProofs = 10'000;  // of all workloads

}  // namespace capmon
