// SPDX-License-Identifier: Apache-2.0
// The causes of lost evidence and their consequences. One table for the monitor, the verdicts and
// all output.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace capmon {

enum class LossKind {
  kEvidence,  // a check, an exec or a capset(2) is missing: "unused" cannot be said any more
  kOutcome,   // the check is counted, without the result of its system call
  kDetail,    // the check is counted, without program or call site
};

const char* Name(LossKind kind);  // "checks lost", "outcomes unknown", "details lost"
// The consequence of a loss of this kind for verdicts, a clause.
const char* CostOf(LossKind kind);
inline constexpr LossKind kLossKinds[] = {LossKind::kEvidence, LossKind::kOutcome,
                                          LossKind::kDetail};

// A process of the container moved out of its cgroup.
inline constexpr char kLossByLeaving[] = "left-cgroup";

struct LossFacts {
  std::string_view cause;  // as in EvidenceLost and Profile::losses
  LossKind kind;
  std::string_view meaning;  // one sentence without its period
};

// All causes that this version knows.
std::span<const LossFacts> AllLosses();
// A cause that is not in the table counts as lost evidence.
const LossFacts& FactsOfLoss(std::string_view cause);
inline LossKind KindOfLoss(std::string_view cause) { return FactsOfLoss(cause).kind; }

// The sum of the losses of one kind.
uint64_t LossesOfKind(const std::map<std::string, uint64_t>& losses, LossKind kind);
// True if something was lost that could have shown a need.
inline bool LostEvidence(const std::map<std::string, uint64_t>& losses) {
  return LossesOfKind(losses, LossKind::kEvidence) > 0;
}

}  // namespace capmon
