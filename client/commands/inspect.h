// SPDX-License-Identifier: Apache-2.0
// `capmon inspect`: what one process, or every process of a container, holds.
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

// One process, as read from /proc.
struct Inspected {
  Process process;
  UserNamespace user_namespace;
  std::vector<std::string> securebits;
  bool securebits_known = false;
};
// Groups processes with equal sets, the largest group first. Pure.
void AddGroups(const std::vector<Inspected>& processes, v1::Inspection& inspection);
// "noroot", "keep-caps-locked", ...
std::vector<std::string> SecurebitNames(unsigned long bits);

}  // namespace capmon
