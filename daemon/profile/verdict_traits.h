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
  kUndecided,     // the effect of a denial at this call site is not known
  kFailed,        // the call failed because of it
};

struct VerdictTraits {
  Verdict verdict;
  const char* name;
  bool is_need;       // a granted check of this verdict is a use of the capability
  bool without_need;  // checked or held without need: hidden from viewers, does not reset stability
  Refusal refusal;    // anything but kNothing raises an alert
  const char* rule;   // as in docs/verdicts.md
  const char* kept;   // likewise
};

inline constexpr std::array<VerdictTraits, 15> kVerdicts = {{
    {Verdict::kMissing, "missing", false, false, Refusal::kFailed,
     "denied at a call site where a denial makes the system call fail, and the call failed that "
     "way",
     "no, but shown"},
    {Verdict::kRequired, "required", true, false, Refusal::kNothing,
     "granted at a call site where a denial makes the system call fail, and the call succeeded",
     "yes"},
    {Verdict::kEither, "either", true, false, Refusal::kNothing,
     "any one of several capabilities is enough", "one of them"},
    {Verdict::kConditional, "conditional", true, false, Refusal::kNothing,
     "granted before the kernel tested something cheaper that may have been enough", "yes"},
    {Verdict::kConstraint, "constraint", true, false, Refusal::kNothing,
     "never checked, but an exec, a capset(2) or a call that the seccomp filter gates fails "
     "without it",
     "yes"},
    {Verdict::kDegrades, "degrades", true, false, Refusal::kChanged,
     "the program continues without it, but something differs", "mostly, see below"},
    {Verdict::kTried, "tried", false, false, Refusal::kFailedAnyway,
     "granted, but the call failed for another reason; or denied, but that is not why the call "
     "failed",
     "no"},
    {Verdict::kReview, "review", true, false, Refusal::kUndecided,
     "checked by a kernel function that is not in the [table](call-sites.md)", "yes, if granted"},
    {Verdict::kProbed, "probed", false, true, Refusal::kNothing, "the check was only a question",
     "no"},
    {Verdict::kNoise, "noise", false, true, Refusal::kNothing, "the answer makes no difference",
     "no"},
    {Verdict::kRuntimeOnly, "runtime-only", false, true, Refusal::kNothing,
     "checked for the container runtime, not for the workload", "no"},
    {Verdict::kForeign, "foreign", false, true, Refusal::kNothing,
     "checked against credentials that are not the workload's", "no"},
    {Verdict::kOwnNamespace, "own-namespace", false, true, Refusal::kNothing,
     "checked in a user namespace that the workload created", "no"},
    {Verdict::kUnused, "unused", false, true, Refusal::kNothing,
     "held, never checked, and the evidence would have shown a need", "no"},
    {Verdict::kUnknown, "unknown", false, true, Refusal::kNothing,
     "held, and the evidence cannot show whether it is needed",
     "yes, and counted apart: no setting drops it by default"},
}};

constexpr const VerdictTraits& TraitsOf(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

// "missing", ..., "runtime-only", "own-namespace", "unused", "unknown".
constexpr const char* Name(Verdict verdict) { return TraitsOf(verdict).name; }

// Nullopt for an unknown name: a newer daemon may send one.
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
