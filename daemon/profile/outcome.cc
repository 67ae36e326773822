// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/outcome.h"

#include <errno.h>
#include <string.h>

#include <algorithm>

namespace capmon {
namespace {

constexpr int kOtherErrno = 63;  // the bit for everything above 62
constexpr uint64_t kQuestion = 1;

uint64_t Bit(int number) { return uint64_t{1} << std::min(number, kOtherErrno); }

// Interrupted and to be restarted (the kernel's own numbers are above 62), or still under way.
constexpr uint64_t kUndecided =
    uint64_t{1} << EINTR | uint64_t{1} << EAGAIN | uint64_t{1} << kOtherErrno;

// All of them: a later one whose end was not watched may be a change.
bool AreQuestions(const CheckCounts& counts) {
  return counts.errnos == kQuestion && counts.succeeded == 0 && counts.failed >= counts.count;
}

bool SaysNothing(const CheckEvidence& evidence, const CallSite* site) {
  const CheckKey& key = evidence.key;
  return key.Is(kIoWorker) || key.Is(kCollapsed) || key.syscall.starts_with("io_uring_") ||
         (site != nullptr && site->Is(kInBand));
}

}  // namespace

Outcome OutcomeOf(const CheckEvidence& evidence, const CallSite* site) {
  const CheckCounts& counts = evidence.counts;
  if (AreQuestions(counts)) return {.question = true};
  if (SaysNothing(evidence, site)) return {};
  uint64_t refusals = 0;
  if (site == nullptr)
    refusals = Bit(EPERM) | Bit(EACCES);
  else
    for (const int number : site->denial_errnos) refusals |= Bit(number);
  Outcome outcome;
  outcome.succeeded = counts.succeeded > 0;
  outcome.refused = counts.failed > 0 && (counts.errnos & refusals) != 0;
  const bool failed_for_good =
      counts.failed > 0 && (counts.errnos == 0 || (counts.errnos & ~(kUndecided & ~refusals)) != 0);
  outcome.known = outcome.succeeded || failed_for_good;
  return outcome;
}

std::string ErrorNames(uint64_t errnos) {
  std::string names;
  for (int number = 1; number < kOtherErrno; ++number) {
    if (!(errnos >> number & 1)) continue;
    const char* name = strerrorname_np(number);
    if (!names.empty()) names += ", ";
    names += name != nullptr ? name : std::to_string(number);
  }
  if (errnos >> kOtherErrno & 1) names += names.empty() ? "another error" : ", others";
  return names;
}

}  // namespace capmon
