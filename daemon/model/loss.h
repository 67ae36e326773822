// SPDX-License-Identifier: Apache-2.0
// The causes of lost evidence, and what each one costs. One table, for the monitor, the verdicts
// and everything that prints a loss.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace capmon {

enum class LossKind {
  kEvidence,  // a check, an exec or a capset(2) is missing: "unused" cannot be said any more
  kOutcome,   // the check is counted; how its system call ended is not known
  kDetail,    // the check is counted; which program or kernel function asked is not known
};

const char* Name(LossKind kind);  // "checks lost", "outcomes unknown", "details lost"
// What a loss of this kind means for the verdicts, a clause.
const char* CostOf(LossKind kind);
inline constexpr LossKind kLossKinds[] = {LossKind::kEvidence, LossKind::kOutcome,
                                          LossKind::kDetail};

// A process of the container moved out of its cgroup.
inline constexpr char kLeftCgroup[] = "left-cgroup";

struct LossFacts {
  std::string_view cause;  // as in EvidenceLost and Profile::losses
  LossKind kind;
  std::string_view meaning;  // what happened and what it costs, one sentence without its period
};

// A cause that is not in the table counts as lost evidence.
const LossFacts& FactsOfLoss(std::string_view cause);
inline LossKind KindOfLoss(std::string_view cause) { return FactsOfLoss(cause).kind; }

// Losses of one kind, added up over their causes.
uint64_t LossesOfKind(const std::map<std::string, uint64_t>& losses, LossKind kind);
// Whether something is missing that could have shown a need.
inline bool LostEvidence(const std::map<std::string, uint64_t>& losses) {
  return LossesOfKind(losses, LossKind::kEvidence) > 0;
}

}  // namespace capmon
