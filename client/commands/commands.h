// SPDX-License-Identifier: Apache-2.0
// What each command does: ask, print. One function each; `run` is in run_command.h, `verify` in
// verify_command.h and verify_container.h, what can do without capmond in cli_local.h.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/base/look.h"
#include "client/base/settings.h"

namespace capmon {

// The options of `capmon profile`.
struct ProfileOptions {
  bool strict_minimal = false;
  bool strict = false;              // incomplete evidence is a failure
  std::optional<std::string> kind;  // of settings; else the profile itself
  bool enforce = false;             // only with a kind
  bool assume_unused = false;       // what is unknown counts as unused
  std::string list;                 // of the pod's spec; "": as its times show
};

absl::Status List(const Settings& settings, bool include_ended, const LookOptions& look = {});
// With `strict`, DATA_LOSS where the evidence is incomplete: after the profile, instead of
// settings. Settings with a drop list without evidence are refused the same way.
absl::Status ShowProfile(const Settings& settings, const std::string& reference,
                         const ProfileOptions& options);
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
