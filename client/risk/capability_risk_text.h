// SPDX-License-Identifier: Apache-2.0
// capability_risk.tsv as it was when this binary was built.
#pragma once

namespace capmon {

extern const char kCapabilityRiskText[];

}  // namespace capmon
