// SPDX-License-Identifier: Apache-2.0
// What an attacker can do with each capability, and how common it is. Data:
// daemon/model/capabilities.tsv, embedded in the binary. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"
#include "daemon/model/severity.h"

namespace capmon {

struct CapabilityFacts {
  Capability capability = 0;
  int weight = 0;            // 1 (a nuisance) to 100 (the host is lost)
  bool commonplace = false;  // allowed by the Pod Security baseline, and in Docker's default set
  std::string reason;        // one sentence
};

// INVALID_ARGUMENT with the line for an invalid table.
absl::StatusOr<std::vector<CapabilityFacts>> ParseCapabilityFacts(std::string_view text);

// A capability newer than the table has a high weight, and a reason that says so.
const CapabilityFacts& FactsOf(Capability capability);
// The sum of the members' weights.
int WeightOf(CapabilitySet set);
// Most dangerous first; equal weights by number.
std::vector<Capability> ByWeight(CapabilitySet set);
// The severity of an unexpected use: by weight, and at most medium for commonplace capabilities.
Severity SeverityOf(Capability capability);

// "NET_RAW", "NET_RAW or NET_ADMIN", "A, B or C"
std::string JoinNames(const std::vector<Capability>& capabilities, const char* last_joint);

}  // namespace capmon
