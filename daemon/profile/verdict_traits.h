// SPDX-License-Identifier: Apache-2.0
// The verdicts, and what each implies: one table for the daemon, the client and docs/verdicts.md.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace capmon {

// Strongest first; the order is the order of the rows and decides which rule wins.
enum class Verdict {
  kMissing,
  kRequired,
  kEither,
  kConditional,
  kConstraint,
  kDegrades,
  kTried,
  kReview,
  kProbed,
  kNoise,
  kRuntimeOnly,
  kForeign,
  kOwnNamespace,
  kUnused,
  kUnknown,
};

// What a refused check of this verdict did to the call.
enum class Refusal {
  kNothing,
  kFailedAnyway,  // the call failed for another reason
  kChanged,       // the call went on, and something differs
  kUndecided,     // nobody knows what the kernel function makes of a refusal
  kFailed,        // the call failed because of it
};

struct VerdictTraits {
  Verdict verdict;
  const char* name;
  bool is_need;       // a granted check of this verdict is a use of the capability
  bool without_need;  // asked or given for nothing: hidden from viewers, no news for stability
  Refusal refusal;    // what is not kNothing raises an alert
  const char* rule;   // as in docs/verdicts.md
  const char* kept;   // likewise
};

inline constexpr std::array<VerdictTraits, 15> kVerdicts = {{
    {Verdict::kMissing, "missing", false, false, Refusal::kFailed,
     "refused where a refusal makes the call fail, and the call failed that way", "no, but shown"},
    {Verdict::kRequired, "required", true, false, Refusal::kNothing,
     "granted where a refusal makes the call fail, and the call succeeded", "yes"},
    {Verdict::kEither, "either", true, false, Refusal::kNothing,
     "one of several capabilities will do", "one of them"},
    {Verdict::kConditional, "conditional", true, false, Refusal::kNothing,
     "granted before the kernel looked at something cheaper that may have sufficed", "yes"},
    {Verdict::kConstraint, "constraint", true, false, Refusal::kNothing,
     "never checked, but an exec, a capset(2) or a call that the seccomp filter gates would fail "
     "without",
     "yes"},
    {Verdict::kDegrades, "degrades", true, false, Refusal::kChanged,
     "the program goes on without, but something differs", "mostly, see below"},
    {Verdict::kTried, "tried", false, false, Refusal::kFailedAnyway,
     "granted, yet the call failed for another reason; or refused, and that was not why it failed",
     "no"},
    {Verdict::kReview, "review", true, false, Refusal::kUndecided,
     "asked by a kernel function that is not in the [table](call-sites.md)", "yes, if granted"},
    {Verdict::kProbed, "probed", false, true, Refusal::kNothing, "the call was only a question",
     "no"},
    {Verdict::kNoise, "noise", false, true, Refusal::kNothing, "the answer makes no difference",
     "no"},
    {Verdict::kRuntimeOnly, "runtime-only", false, true, Refusal::kNothing,
     "the container runtime asked, not the workload", "no"},
    {Verdict::kForeign, "foreign", false, true, Refusal::kNothing,
     "asked with somebody else's credentials", "no"},
    {Verdict::kOwnNamespace, "own-namespace", false, true, Refusal::kNothing,
     "asked in a user namespace the workload made", "no"},
    {Verdict::kUnused, "unused", false, true, Refusal::kNothing,
     "given, never asked for, and the evidence could have shown it", "no"},
    {Verdict::kUnknown, "unknown", false, true, Refusal::kNothing,
     "given, and the evidence cannot show whether it is needed",
     "yes, apart: no setting drops it unasked"},
}};

constexpr const VerdictTraits& TraitsOf(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

// "missing", ..., "runtime-only", "own-namespace", "unused", "unknown".
constexpr const char* Name(Verdict verdict) { return TraitsOf(verdict).name; }

// Nothing for a name there is not: a daemon newer than this client may have one.
constexpr std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (const VerdictTraits& traits : kVerdicts)
    if (name == traits.name) return traits.verdict;
  return std::nullopt;
}

constexpr bool VerdictsAreInOrder() {
  for (size_t i = 0; i < kVerdicts.size(); ++i)
    if (kVerdicts[i].verdict != static_cast<Verdict>(i)) return false;
  return kVerdicts.size() == static_cast<size_t>(Verdict::kUnknown) + 1;
}
static_assert(VerdictsAreInOrder());

}  // namespace capmon
