// SPDX-License-Identifier: Apache-2.0
// One function for each command: sends the request and prints the answer. `run` is in
// run_command.h, `list` in list_command.h, `verify` in verify_command.h and verify_container.h,
// commands without capmond in cli_local.h.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/base/settings.h"

namespace capmon {

// The options of `capmon profile`.
struct ProfileOptions {
  bool strict_minimal = false;
  bool strict = false;              // fails if the evidence is incomplete
  std::optional<std::string> kind;  // kind of settings; unset: prints the profile
  bool enforce = false;             // only with a kind
  bool assume_unused = false;       // treats unknown capabilities as unused
  std::string list;                 // of the pod's spec; "": as its times show
  bool instance = false;            // one container, not its workload
};

// What is printed between two profiles, if there is a second one.
struct BetweenProfiles {
  std::string text = {};
  bool after_first = false;
};

// With `strict`, returns DATA_LOSS if the evidence is incomplete: a profile is printed first,
// settings are not printed. Returns DATA_LOSS also for settings that would drop capabilities
// without any evidence.
absl::Status ShowProfile(const Settings& settings, const std::string& reference,
                         const ProfileOptions& options, BetweenProfiles& between);
absl::Status Explain(const Settings& settings, const std::string& reference,
                     const std::string& capability, bool instance = false);
// Returns the exit code: 1 if capmond is not healthy. With `alive`, 1 only if starting it again may
// help.
absl::StatusOr<int> ShowStatus(const Settings& settings, bool alive);
// With `imported_only` deletes what was imported for a workload, and no evidence.
absl::Status Reset(const Settings& settings, const std::string& reference, bool imported_only);
absl::Status SetBaseline(const Settings& settings, const std::string& reference);
// Makes what a workload used so far normal, in the name of this user.
absl::Status Approve(const Settings& settings, const std::string& reference);
absl::Status ShowBaseline(const Settings& settings, const std::string& reference);
absl::Status ResetBaseline(const Settings& settings, const std::string& reference);
// Run until interrupted. An empty reference means every container.
absl::Status Watch(const Settings& settings, const std::string& reference, bool include_noise);
// Which alerts to print. An empty field: any.
struct AlertOptions {
  bool follow = false;
  std::string since;  // "2h": with a check in that time
  std::string severity, workload, rule, container;
};
absl::Status Alerts(const Settings& settings, const AlertOptions& options);
// Of this program, and of capmond if it answers.
absl::Status ShowVersion(const Settings& settings);

}  // namespace capmon
