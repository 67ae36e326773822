// SPDX-License-Identifier: Apache-2.0
#include "client/render/container_list.h"

#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {

void RenderContainers(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings) {
  std::vector<Table::Column> columns = {{"NAME"},          {"KIND"},
                                        {"HELD", true},    {"KEEP", false, 40},
                                        {"UNKNOWN", true}, {"MISSED", false, 30},
                                        {"CHECKS", true},  {"LEARNED", true},
                                        {"STATE"}};
  if (settings.wide())
    for (const char* title : {"IMAGE", "RUNTIME", "ID", "CGROUP"}) columns.push_back({title});

  Table table(columns);
  for (const v1::ContainerSummary& summary : response.containers()) {
    const v1::Container& container = summary.container();
    const v1::Confidence& confidence = summary.confidence();
    std::vector<std::string> cells = {
        DisplayName(container),
        container.kind(),
        summary.held_known() ? std::to_string(summary.held()) : "–",
        OrDash(ShortNames(summary.used())),
        summary.unknown().empty() ? "–" : std::to_string(summary.unknown_size()),
        OrDash(ShortNames(summary.denied())),
        Grouped(summary.checks()),
        Duration(confidence.observed_seconds()),
        confidence.state() + (container.has_ended() ? ", ended" : "")};
    if (settings.wide())
      for (const std::string& text :
           {container.image(), container.runtime(), container.id(), container.cgroup_path()})
        cells.push_back(OrDash(text));
    table.Add(std::move(cells));
  }
  table.Print(out, settings.headers);
}

}  // namespace capmon
