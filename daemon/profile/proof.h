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
  std::string version;         // of the capmon that ran it
  std::string by;              // "alice (uid 1000)"
  TimeNs at = 0;               // when it was recorded

  static constexpr size_t kMaxUses = 64;

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
