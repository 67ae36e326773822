// SPDX-License-Identifier: Apache-2.0
// How much a capability is worth to an attacker inside a container: the order in which people
// should look at what is held. Data: client/risk/capability_risk.tsv, embedded in the binary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

struct CapabilityRisk {
  Capability capability = 0;
  int weight = 0;      // 1 (a nuisance) to 100 (the host is lost)
  std::string reason;  // one sentence
};

// INVALID_ARGUMENT with the line for text that is no such table.
absl::StatusOr<std::vector<CapabilityRisk>> ParseCapabilityRisks(std::string_view text);

// Of a capability newer than the table a high weight, and a reason that says so.
const CapabilityRisk& RiskOf(Capability capability);
// The weights of its members, added up.
int RiskOf(CapabilitySet set);
// Most dangerous first; equals by number.
std::vector<Capability> ByRisk(CapabilitySet set);

}  // namespace capmon
