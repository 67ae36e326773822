// SPDX-License-Identifier: Apache-2.0
// What each command does: ask, print. One function each; `run` is in run_command.h, `verify` in
// verify_command.h and verify_container.h, what can do without capmond in cli_local.h.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/look.h"
#include "client/settings.h"

namespace capmon {

absl::Status List(const Settings& settings, bool include_ended, const LookOptions& look = {});
absl::Status ShowProfile(const Settings& settings, const std::string& reference,
                         bool strict_minimal);
absl::Status Explain(const Settings& settings, const std::string& reference,
                     const std::string& capability);
// The exit code: 1 when capmond says it is not healthy.
absl::StatusOr<int> ShowStatus(const Settings& settings);
absl::Status Reset(const Settings& settings, const std::string& reference);
absl::Status SetBaseline(const Settings& settings, const std::string& reference);
// Both go on until interrupted; an empty reference means every container.
absl::Status Watch(const Settings& settings, const std::string& reference, bool include_noise);
absl::Status Alerts(const Settings& settings, bool follow);
absl::Status ShowVersion(const Settings& settings);

}  // namespace capmon
