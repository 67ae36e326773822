// SPDX-License-Identifier: Apache-2.0
// Which containers to restart so that capmond sees their starts, in which order and how. Pure.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "daemon/model/capability.h"

namespace capmon {

// One command, or what else shows a start.
struct Restart {
  std::vector<std::string> workloads;
  std::string command;      // for a shell; "" if there is none
  std::string instead;      // without a command: what to do
  uint32_t interrupts = 0;  // running containers
  CapabilitySet held;
  CapabilitySet unknown;  // of these, because the start was not seen
};

struct RestartPlan {
  struct Other {
    std::string workload;
    std::string reason;  // a clause
  };
  std::vector<Restart> restarts;  // those that interrupt least first
  std::vector<Other> others;      // what is unknown of these a restart may leave unknown
};

// `containers`: those that run.
RestartPlan PlanRestarts(const v1::ListWorkloadsResponse& workloads,
                         const v1::ListContainersResponse& containers);

void RenderRestartPlan(std::ostream& out, const RestartPlan& plan, const Settings& settings);

}  // namespace capmon
