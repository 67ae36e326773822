// SPDX-License-Identifier: Apache-2.0
#include "client/render/daemon_status.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/render/sink_list.h"
#include "daemon/model/loss.h"

namespace capmon {

void RenderStatus(std::ostream& out, const v1::Status& status) {
  Table table({{"what"}, {"how"}});
  table.Add({"health", status.health().serving()
                           ? "healthy"
                           : absl::StrCat("not healthy: ", Printable(status.health().reason()))});
  if (!status.health().degraded().empty())
    table.Add({"degraded", Printable(status.health().degraded())});
  table.Add({"version", status.version()});
  if (!status.node().empty()) table.Add({"node", Printable(status.node())});
  if (!status.cluster().empty()) table.Add({"cluster", Printable(status.cluster())});
  if (!status.settings_file().empty())
    table.Add({"settings", status.settings_fault().empty()
                               ? status.settings_file()
                               : absl::StrCat("of before: ", status.settings_fault())});
  if (!status.metrics().empty()) table.Add({"metrics", Printable(status.metrics())});
  table.Add({"back end", OrDash(status.backend())});
  table.Add({"kernel", OrDash(status.kernel())});
  table.Add({"cgroups", OrDash(status.cgroup_layout())});
  table.Add({"outcomes", status.outcomes() ? "watched" : "not watched"});
  table.Add({"system calls", status.calls_watched() ? "watched" : "not watched now"});
  if (status.has_started()) table.Add({"since", FormatTime(status.started())});
  for (const v1::Layer& layer : status.layers()) table.Add({TopicOf(layer), StateOf(layer)});
  for (const v1::Layer& keep : status.keeps())
    table.Add({absl::StrCat("persisted in ", keep.name()), StateOf(keep)});
  for (const v1::SinkStatus& sink : status.sinks())
    table.Add({absl::StrCat("sink ", sink.name()),
               absl::StrCat(StateOf(sink), "; ", Grouped(sink.delivered()), " sent, ",
                            Grouped(sink.waiting()), " wait")});
  // Protobuf maps have no order.
  const std::map<std::string, uint64_t> lost(status.lost().begin(), status.lost().end());
  const std::map<std::string, uint64_t> counters(status.counters().begin(),
                                                 status.counters().end());
  for (const LossKind kind : kLossKinds)
    for (const auto& [cause, count] : lost)
      if (KindOfLoss(cause) == kind)
        table.Add({absl::StrCat(Name(kind), ", ", Printable(cause)),
                   absl::StrCat(Grouped(count), ": ", std::string(FactsOfLoss(cause).meaning), "; ",
                                CostOf(kind))});
  for (const v1::ContainerLosses& losing : status.losing())
    table.Add(
        {"lost by", absl::StrCat(Printable(losing.container()), ": ", LossSummary(losing.lost()))});
  for (const auto& [name, count] : counters) table.Add({name, Grouped(count)});
  const std::map<std::string, uint64_t> largest(status.largest_users().begin(),
                                                status.largest_users().end());
  for (const auto& [name, count] : largest)
    table.Add({absl::StrCat("map_entries of ", Printable(name)), Grouped(count)});
  for (const std::string& spot : status.blind_spots()) table.Add({"blind spot", spot});
  table.Print(out, false);
}

bool IsAlive(const v1::Health& health, int64_t now) {
  constexpr int64_t kAtMost = 60;
  return health.serving() ||
         (health.has_last_seen() && now - health.last_seen().seconds() <= kAtMost);
}

}  // namespace capmon
