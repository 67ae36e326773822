// SPDX-License-Identifier: Apache-2.0
#include "client/commands/restart_plan_command.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/base/output.h"
#include "client/commands/ask.h"
#include "client/commands/document.h"
#include "client/render/restart_plan.h"

namespace capmon {
namespace {

std::vector<std::string> NamesIn(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability capability : set.members()) names.push_back(CapabilityName(capability));
  return names;
}

absl::StatusOr<std::string> PlanAsDocument(const RestartPlan& plan, OutputFormat format) {
  nlohmann::ordered_json restarts = nlohmann::ordered_json::array(), others = restarts;
  for (const Restart& one : plan.restarts) {
    restarts.push_back({{"workloads", one.workloads},
                        {"command", one.command},
                        {"instead", one.instead},
                        {"interrupts", one.interrupts},
                        {"held", NamesIn(one.held)},
                        {"unknown", NamesIn(one.unknown)}});
  }
  for (const RestartPlan::Other& other : plan.others)
    others.push_back({{"workload", other.workload}, {"reason", other.reason}});
  return ToText({{"restarts", std::move(restarts)}, {"others", std::move(others)}}, format);
}

}  // namespace

absl::Status ShowRestartPlan(const Settings& settings) {
  const auto workloads = Ask(settings, &Daemon::Stub::ListWorkloads, v1::ListWorkloadsRequest());
  if (!workloads.ok()) return workloads.status();
  const auto containers = Ask(settings, &Daemon::Stub::ListContainers, v1::ListContainersRequest());
  if (!containers.ok()) return containers.status();
  const RestartPlan plan = PlanRestarts(*workloads, *containers);
  if (settings.document()) {
    const auto document = PlanAsDocument(plan, settings.format);
    return document.ok() ? Print(*document) : document.status();
  }
  std::ostringstream out;
  RenderRestartPlan(out, plan, settings);
  return Print(out.str());
}

}  // namespace capmon
