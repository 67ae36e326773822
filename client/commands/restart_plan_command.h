// SPDX-License-Identifier: Apache-2.0
// `capmon restart-plan`: what to restart so that capmond sees its start. Restarts nothing.
#pragma once

#include "absl/status/status.h"
#include "client/base/settings.h"

namespace capmon {

absl::Status ShowRestartPlan(const Settings& settings);

}  // namespace capmon
