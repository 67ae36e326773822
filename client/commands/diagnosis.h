// SPDX-License-Identifier: Apache-2.0
// What `capmon doctor` makes of the facts. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/host/host_facts.h"

namespace capmon {

enum class Finding { kOk, kGap, kBroken };
const char* Name(Finding finding);  // "ok", "gap", "broken"

struct Observation {
  Finding finding = Finding::kOk;
  std::string topic;   // "kernel", "cgroups", ...
  std::string what;    // how it is
  std::string cost;    // what that costs; empty when ok
  std::string remedy;  // what to do; empty when there is nothing to do
};

// `status`: the daemon's, or why it could not be had.
std::vector<Observation> Diagnose(const HostFacts& host, const absl::StatusOr<v1::Status>& status);

Finding Worst(const std::vector<Observation>& observations);

}  // namespace capmon
