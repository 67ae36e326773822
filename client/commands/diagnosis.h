// SPDX-License-Identifier: Apache-2.0
// The checks of `capmon doctor`. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/host/host_facts.h"

namespace capmon {

enum class Finding {
  kOk,
  kNote,  // a limit that nothing can be done about here
  kGap,
  kBroken,
};
const char* Name(Finding finding);  // "ok", "note", "gap", "broken"

struct Observation {
  Finding finding = Finding::kOk;
  std::string topic;   // "kernel", "cgroups", ...
  std::string what;    // the state
  std::string cost;    // the consequence; empty if ok
  std::string remedy;  // what to do; empty for ok and note
};

// `status`: the answer of capmond, or why there is none.
std::vector<Observation> Diagnose(const HostFacts& host, const absl::StatusOr<v1::Status>& status);

Finding Worst(const std::vector<Observation>& observations);

}  // namespace capmon
