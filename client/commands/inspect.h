// SPDX-License-Identifier: Apache-2.0
// `capmon inspect`: what a process holds, or all processes of a container.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/host/process_sets.h"
#include "client/host/user_namespace.h"

namespace capmon {

absl::Status Inspect(const Settings& settings, const std::string& reference);

// One process as the kernel shows it.
struct Inspected {
  Process process;
  UserNamespace user_namespace;
  std::vector<std::string> securebits;
  bool securebits_known = false;
};
// Groups of equal sets, the largest first. Pure.
void AddGroups(const std::vector<Inspected>& processes, v1::Inspection& inspection);
// "noroot", "keep-caps-locked", ...
std::vector<std::string> SecurebitNames(unsigned long bits);

}  // namespace capmon
