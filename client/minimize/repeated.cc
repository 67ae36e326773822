// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/repeated.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/profile/proof.h"
#include "daemon/profile/unknowable.h"
#include "daemon/profile/use.h"
#include "daemon/profile/verdict.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

using Use = std::tuple<std::string, std::string, std::string>;  // system call, site, program
using Uses = std::set<Use>;
using Texts = std::set<std::string>;

bool OfWorkload(const v1::Evidence& evidence) {
  const auto verdict = ParseVerdict(evidence.verdict());
  return evidence.phase() == "workload" && verdict != Verdict::kForeign &&
         verdict != Verdict::kOwnNamespace && verdict != Verdict::kRuntimeOnly;
}

bool IsGrantedNeed(const v1::Evidence& evidence) {
  const auto verdict = ParseVerdict(evidence.verdict());
  return evidence.granted() && verdict && TraitsOf(*verdict).is_need;
}

bool IsRefusal(const v1::Evidence& evidence) {
  const auto verdict = ParseVerdict(evidence.verdict());
  return !evidence.granted() && verdict && TraitsOf(*verdict).refusal == Refusal::kFailed;
}

bool IsAny(const v1::Evidence&) { return true; }

Uses UsesOf(const v1::CapabilityVerdict& row, bool (*counts)(const v1::Evidence&)) {
  Uses uses;
  for (const v1::Evidence& evidence : row.evidence())
    if (OfWorkload(evidence) && counts(evidence))
      uses.emplace(evidence.syscall(), evidence.site(),
                   evidence.binary().empty() ? evidence.comm() : evidence.binary());
  return uses;
}

// Returns the uses of a capability, and of those whose place it takes.
Uses NeedsOf(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  Uses needs = UsesOf(row, IsGrantedNeed);
  if (row.verdict() == Name(Verdict::kEither))
    for (const std::string& other : OthersOf(profile, row))
      needs.merge(UsesOf(RowAbout(profile, other), IsGrantedNeed));
  return needs;
}

bool IsKnown(const v1::Evidence& evidence) {
  return !evidence.site().empty() && !evidence.syscall().empty() &&
         !(evidence.binary().empty() && evidence.comm().empty());
}

// A use of which something is not known may be any use, and capmond does not return more than some.
// Runs of one job are compared here: the name of a program may be one of several for a file.
bool IsKnown(const v1::CapabilityVerdict& row) {
  return row.uses_size() < static_cast<int>(Proof::kMaxUses) &&
         std::all_of(row.evidence().begin(), row.evidence().end(), [](const auto& evidence) {
           const bool matters =
               OfWorkload(evidence) && (IsGrantedNeed(evidence) || IsRefusal(evidence));
           return !matters || IsKnown(evidence);
         });
}

bool HasCheck(const v1::CapabilityVerdict& row, const std::string& use) {
  return std::any_of(row.evidence().begin(), row.evidence().end(), [&](const auto& evidence) {
    return !evidence.site().empty() &&
           absl::StrContains(use, absl::StrCat(evidence.site(), " ", evidence.syscall()));
  });
}

// Whether a check of the capability, or of one whose place it takes, is behind the use.
bool IsCheck(const v1::Profile& profile, const v1::CapabilityVerdict& row, const std::string& use) {
  if (absl::StrContains(use, kCapsetUse)) return false;
  if (HasCheck(row, use)) return true;
  const auto others = OthersOf(profile, row);
  return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
    return HasCheck(RowAbout(profile, other), use);
  });
}

// Returns the uses that made no check of it: an exec, capset(2), a call that the seccomp filter
// gates.
Texts WithoutCheck(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  Texts texts;
  for (const std::string& use : row.uses())
    if (!IsCheck(profile, row, use)) texts.insert(use);
  return texts;
}

// Returns the programs that called capset(2).
Texts CapsetCallers(const v1::Profile& profile) {
  Texts programs;
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    for (const v1::Evidence& evidence : row.evidence())
      if (evidence.syscall() == "capset" && evidence.phase() == "workload")
        programs.insert(evidence.binary());
  return programs;
}

template <typename Item>
bool Includes(const std::set<Item>& whole, const std::set<Item>& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// Where a program has no more than it requests, capset(2) is seen, but what it requests is not.
bool CallsCapsetAgain(const v1::Profile& before, const v1::Profile& now) {
  return Includes(CapsetCallers(now), CapsetCallers(before));
}

// Whether what makes no check was done again: by the same words, or as `otherwise` says.
bool RepeatsWithoutCheck(const v1::Profile& before, const v1::Profile& now,
                         const v1::CapabilityVerdict& row, bool otherwise) {
  const v1::CapabilityVerdict& again = RowAbout(now, row.capability());
  const Texts seen(again.uses().begin(), again.uses().end());
  const Texts texts = WithoutCheck(before, row);
  return std::all_of(texts.begin(), texts.end(), [&](const std::string& use) {
    if (absl::StrContains(use, kCapsetUse)) return CallsCapsetAgain(before, now);
    return otherwise || seen.contains(use);
  });
}

bool WasUsed(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  return !NeedsOf(profile, row).empty() || !UsesOf(row, IsRefusal).empty() ||
         !WithoutCheck(profile, row).empty();
}

bool IsRepeated(const v1::Profile& before, const v1::Profile& now,
                const v1::CapabilityVerdict& row) {
  const v1::CapabilityVerdict& again = RowAbout(now, row.capability());
  return Includes(UsesOf(again, IsGrantedNeed), NeedsOf(before, row)) &&
         Includes(UsesOf(again, IsAny), UsesOf(row, IsRefusal)) &&
         RepeatsWithoutCheck(before, now, row, /*otherwise=*/false);
}

// An exec or a raised set was denied, or the filter denied a call.
bool WasDeniedWithoutCheck(const v1::Profile& run, const std::string& capability) {
  if (!WithoutCheck(run, RowAbout(run, capability)).empty()) return true;
  return std::any_of(
      run.filtered_calls().begin(), run.filtered_calls().end(), [&](const v1::FilteredCall& call) {
        return std::find(call.opened_by().begin(), call.opened_by().end(), capability) !=
               call.opened_by().end();
      });
}

bool IsTried(const v1::Profile& whole, const v1::Profile& without,
             const v1::CapabilityVerdict& row) {
  Uses tried = UsesOf(RowAbout(without, row.capability()), IsAny);
  for (const std::string& other : OthersOf(whole, row))
    tried.merge(UsesOf(RowAbout(without, other), IsAny));
  return Includes(tried, NeedsOf(whole, row)) && Includes(tried, UsesOf(row, IsRefusal)) &&
         RepeatsWithoutCheck(whole, without, row, WasDeniedWithoutCheck(without, row.capability()));
}

bool IsOnlyRequested(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  return IsKnown(row) && NeedsOf(profile, row).empty() && UsesOf(row, IsRefusal).empty() &&
         RequestsOf(profile, row.capability()) == WithoutCheck(profile, row);
}

CapabilitySet RowsThat(bool (*hold)(const v1::Profile&, const v1::Profile&,
                                    const v1::CapabilityVerdict&),
                       const v1::Profile& before, const v1::Profile& now) {
  CapabilitySet found;
  for (const v1::CapabilityVerdict& row : before.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (capability && IsKnown(row) && WasUsed(before, row) && hold(before, now, row))
      found.Add(*capability);
  }
  return found;
}

}  // namespace

CapabilitySet Repeated(const v1::Profile& before, const v1::Profile& now) {
  return RowsThat(IsRepeated, before, now);
}

CapabilitySet TriedWithout(const v1::Profile& before, const v1::Profile& whole,
                           const v1::Profile& without) {
  CapabilitySet tried = RowsThat(IsTried, whole, without);
  const bool calls_again = CallsCapsetAgain(before, without);
  for (const v1::CapabilityVerdict& row : before.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (!capability || RequestsOf(before, row.capability()).empty()) continue;
    if (!calls_again)
      tried.Remove(*capability);
    else if (IsOnlyRequested(before, row) && !WasUsed(whole, RowAbout(whole, row.capability())))
      tried.Add(*capability);
  }
  return tried;
}

std::set<std::string> RequestsOf(const v1::Profile& profile, const std::string& capability) {
  Texts requests = WithoutCheck(profile, RowAbout(profile, capability));
  std::erase_if(requests, [](const auto& use) { return !absl::StrContains(use, kCapsetUse); });
  return requests;
}

std::string WhyDenialsMayBeUnseen(const v1::Profile& run) {
  uint64_t lost = 0;
  for (const auto& [cause, count] : run.confidence().losses())
    if (IsItsOwnLoss(cause)) lost += count;
  return lost == 0 ? "" : "evidence of the run without it was lost, and perhaps a denial with it";
}

const v1::CapabilityVerdict& RowAbout(const v1::Profile& profile, const std::string& capability) {
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    if (row.capability() == capability) return row;
  return v1::CapabilityVerdict::default_instance();
}

std::set<std::string> OthersOf(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  std::set<std::string> others(row.narrower().begin(), row.narrower().end());
  for (const v1::CapabilityVerdict& other : profile.capabilities())
    if (!other.keep() && other.verdict() == Name(Verdict::kEither) &&
        std::find(other.narrower().begin(), other.narrower().end(), row.capability()) !=
            other.narrower().end())
      others.insert(other.capability());
  return others;
}

}  // namespace capmon
