// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/finding.h"

namespace capmon {
namespace {

constexpr bool RulesAreInOrder() {
  for (size_t i = 0; i < kRules.size(); ++i)
    if (kRules[i].rule != static_cast<Rule>(i)) return false;
  return kRules.size() == static_cast<size_t>(Rule::kPodSecurity) + 1;
}
static_assert(RulesAreInOrder());

}  // namespace

const char* Name(FindingLevel level) {
  switch (level) {
    case FindingLevel::kNote: return "note";
    case FindingLevel::kWarning: return "warning";
    case FindingLevel::kError: break;
  }
  return "error";
}

}  // namespace capmon
