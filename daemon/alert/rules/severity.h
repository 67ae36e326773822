// SPDX-License-Identifier: Apache-2.0
// The severity of an alert: the weight of the capability (daemon/model/capabilities.tsv), lowered
// where the use is less of a surprise, or the evidence weaker.
#pragma once

#include "daemon/model/capability.h"
#include "daemon/model/severity.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {

// By weight; at most low for a call that failed anyway, or goes on without the capability: weaker
// evidence than a use that succeeded.
Severity SeverityOf(Capability capability, Verdict verdict);
// That of the gravest member; info for none.
Severity SeverityOf(CapabilitySet set);
// The next lower one.
Severity Lower(Severity severity);

}  // namespace capmon
