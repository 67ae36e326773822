// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/loss.h"

#include <algorithm>
#include <iterator>

namespace capmon {
namespace {

constexpr LossFacts kLosses[] = {
    {"map-full", LossKind::kEvidence,
     "checks were not counted, because there was no room for new counters"},
    {"in-flight", LossKind::kEvidence,
     "checks were not counted, because too many were under way at once"},
    {"recursion", LossKind::kEvidence,
     "checks were not counted, because the kernel skipped a program that was running already"},
    {"map-unreadable", LossKind::kEvidence, "the counters could not be read"},
    {"ring-exec", LossKind::kEvidence,
     "execs were not seen: a need of a file with capabilities may be missing"},
    {"ring-capset", LossKind::kEvidence,
     "capset(2) calls were not seen: a capability that a program insists on may be missing"},
    {"ring-call", LossKind::kEvidence,
     "system calls that a seccomp filter may let through only with a capability were unseen"},
    {"ring-cgroup", LossKind::kEvidence,
     "the creation of cgroups was not seen: the start of a container may be missing"},
    {kLossByLeaving, LossKind::kEvidence,
     "processes moved to a cgroup outside of the container's: some of their checks may be missing"},
    {"ring-removed", LossKind::kDetail, "cgroups were removed unseen, and found later to be gone"},
    {"key-quota", LossKind::kDetail,
     "checks beyond the container's quota were counted without call site, program and system call"},
    {"ring-check", LossKind::kDetail,
     "checks were counted without an example of the program and the kernel stack"},
    {"outcome", LossKind::kOutcome,
     "checks were counted without the results of their system calls"},
};
constexpr LossFacts kUnknown = {"unknown", LossKind::kEvidence,
                                "something was lost that this version does not know"};

}  // namespace

const char* Name(LossKind kind) {
  switch (kind) {
    case LossKind::kEvidence: return "checks lost";
    case LossKind::kOutcome: return "outcomes unknown";
    case LossKind::kDetail: return "details lost";
  }
  return "";
}

const char* CostOf(LossKind kind) {
  switch (kind) {
    case LossKind::kEvidence: return "a need may have been missed";
    case LossKind::kOutcome: return "no need is missed; whether the call succeeded is not known";
    case LossKind::kDetail: return "no need is missed; the evidence is less precise";
  }
  return "";
}

std::span<const LossFacts> AllLosses() { return kLosses; }

const LossFacts& FactsOfLoss(std::string_view cause) {
  const auto* const found = std::ranges::find(kLosses, cause, &LossFacts::cause);
  return found == std::end(kLosses) ? kUnknown : *found;
}

uint64_t LossesOfKind(const std::map<std::string, uint64_t>& losses, LossKind kind) {
  uint64_t total = 0;
  for (const auto& [cause, count] : losses)
    if (KindOfLoss(cause) == kind) total += count;
  return total;
}

}  // namespace capmon
