// SPDX-License-Identifier: Apache-2.0
// Which proof takes the place of which.
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "daemon/profile/proofs.h"

namespace capmon {
namespace {

bool DemandsAtLeast(const std::string& check, const std::string& other) {
  return check == other || other.empty();
}

std::set<std::string> ChecksThatNeed(const Proof& needed) {
  std::set<std::string> checks = needed.also_needed_by;
  checks.insert(needed.check);
  return checks;
}

Proof WithNeedsOf(const Proof& before, Proof next) {
  next.also_needed_by = ChecksThatNeed(before);
  next.also_needed_by.erase(next.check);
  if (!WhyOtherConditions(before.conditions, next.conditions).empty()) next.conditions.clear();
  while (next.also_needed_by.size() > Proof::kMaxChecks)
    next.also_needed_by.erase(std::prev(next.also_needed_by.end()));
  return next;
}

// The need of the checks that remain.
std::optional<Proof> WithoutNeedOf(const Proof& unneeded, const Proof& before) {
  const bool knows_all = before.also_needed_by.size() < Proof::kMaxChecks;
  const bool same = WhyOtherConditions(before.conditions, unneeded.conditions).empty();
  if (!knows_all || !same) return std::nullopt;
  const std::set<std::string> checks = ChecksThatNeed(before);
  std::set<std::string> left = checks;
  std::erase_if(left, [&](const auto& check) { return DemandsAtLeast(unneeded.check, check); });
  if (left.empty()) return unneeded;
  if (left == checks) return std::nullopt;
  Proof still = before;
  if (!left.contains(before.check)) {
    still.check = *left.begin();
    still.reason = "another check failed without it";
  }
  left.erase(still.check);
  still.also_needed_by = std::move(left);
  return still;
}

}  // namespace

std::optional<Proof> Succeed(const Proof& before, const Proof& next) {
  if (before.digest != next.digest || before.finding == ProofFinding::kUndecided) return next;
  switch (next.finding) {
    case ProofFinding::kUndecided: return std::nullopt;
    case ProofFinding::kNeeded:
      return before.finding == ProofFinding::kNeeded ? WithNeedsOf(before, next) : next;
    case ProofFinding::kUnneeded: break;
  }
  if (before.finding == ProofFinding::kNeeded) return WithoutNeedOf(next, before);
  if (!DemandsAtLeast(next.check, before.check) && next.check.empty()) return std::nullopt;
  return next;
}

bool IsLater(const Proof& proof, const Proof& other) {
  return proof.sequence != other.sequence ? proof.sequence > other.sequence : proof.at >= other.at;
}

}  // namespace capmon
