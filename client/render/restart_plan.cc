// SPDX-License-Identifier: Apache-2.0
#include "client/render/restart_plan.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/render/container_list.h"
#include "client/render/restart_command.h"

namespace capmon {
namespace {

// Of the host, of units and of sessions no start is seen; a sandbox runs no program of anybody.
bool IsRestartable(const v1::Container& container) {
  return container.kind() == "container" && !IsSandbox(container);
}

// An instance that runs: the newest may have ended.
const v1::Container& RunningOf(const v1::WorkloadSummary& row,
                               const v1::ListContainersResponse& containers) {
  const v1::Container& newest = row.summary().container();
  if (!newest.has_ended() || newest.workload_name().empty()) return newest;
  for (const v1::ContainerSummary& one : containers.containers())
    if (!one.container().has_ended() && one.container().workload_name() == newest.workload_name())
      return one.container();
  return newest;
}

void Add(const v1::WorkloadSummary& row, const RestartCommand& how,
         std::map<std::string, Restart>& restarts) {
  const std::string name = NameOfWorkload(row);
  Restart& restart = restarts[how.command.empty() ? absl::StrCat("\n", name) : how.command];
  restart.command = how.command;
  restart.instead = how.instead;
  restart.workloads.push_back(name);
  restart.interrupts += std::max(1u, row.workload().running());
  restart.held = restart.held | SetOf(row.summary().held_set());
  restart.unknown = restart.unknown | SetOf(row.summary().unknown());
}

}  // namespace

RestartPlan PlanRestarts(const v1::ListWorkloadsResponse& workloads,
                         const v1::ListContainersResponse& containers) {
  RestartPlan plan;
  std::map<std::string, Restart> restarts;  // by command, or by workload without one
  for (const v1::WorkloadSummary& row : workloads.workloads()) {
    const v1::ContainerSummary& summary = row.summary();
    const bool runs = row.workload().name().empty() ? !summary.container().has_ended()
                                                    : row.workload().running() > 0;
    if (!runs || !IsRestartable(summary.container()) || summary.unknown().empty()) continue;
    const v1::Confidence& confidence = summary.confidence();
    if (confidence.starts() == 0)
      Add(row, HowToRestart(RunningOf(row, containers)), restarts);
    else
      plan.others.push_back({NameOfWorkload(row), confidence.open_conditions().empty()
                                                      ? "see its profile"
                                                      : confidence.open_conditions(0)});
  }
  for (auto& [command, restart] : restarts) plan.restarts.push_back(std::move(restart));
  std::ranges::sort(plan.restarts, {}, [](const Restart& one) {
    return std::tuple(one.command.empty(), one.interrupts, -static_cast<int>(one.unknown.size()),
                      one.workloads);
  });
  return plan;
}

void RenderRestartPlan(std::ostream& out, const RestartPlan& plan, const Settings& settings) {
  const size_t width = settings.width;
  if (plan.restarts.empty()) {
    out << InLines(
        "Nothing to restart: no running container has capabilities that are unknown because its "
        "start was not seen.",
        width);
  } else {
    Table table({{"WORKLOAD"}, {"INTERRUPTS", true}, {"UNKNOWN", true}, {"COMMAND"}});
    for (const Restart& one : plan.restarts)
      table.Add({absl::StrJoin(one.workloads, ", "), Grouped(one.interrupts),
                 absl::StrCat(one.unknown.size(), " of ", (one.held | one.unknown).size()),
                 one.command.empty() ? absl::StrCat("none: ", one.instead) : one.command});
    table.Print(out, settings.headers);
    out << InLines(
        "Their starts were not seen: they ran before capmond, so what they hold and did not use "
        "since is unknown. A restarted container of Docker or Podman keeps its files, and what it "
        "does only with new ones stays unknown: where you can, create it again. capmon restarts "
        "nothing: each command interrupts what it restarts, so first do what a database or a queue "
        "needs before it stops.",
        width);
  }
  for (const RestartPlan::Other& other : plan.others)
    out << InLines(absl::StrCat("Not in the plan, because it is unknown for another reason: ",
                                Printable(other.workload), ": ", Printable(other.reason)),
                   width);
}

}  // namespace capmon
