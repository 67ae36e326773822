// SPDX-License-Identifier: Apache-2.0
// `capmon minimize --plan k8s REF`: the search as patches for a canary, for clusters in which
// capmon can run no twins.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/minimization.h"

namespace capmon {

// Returns the patches, each with what to do before and after it. `without`: what an earlier plan
// has shown to be unneeded. FAILED_PRECONDITION for a container whose pods no patch can change.
absl::StatusOr<std::string> KubernetesPlan(const v1::Profile& profile, CapabilitySet without);

// Prints the plan for the container that the only word of `options.command` names. Returns kExitOk.
absl::StatusOr<int> PlanForKubernetes(const Settings& settings, const MinimizeOptions& options);

}  // namespace capmon
