// SPDX-License-Identifier: Apache-2.0
#include "client/render/stream.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {
namespace {

constexpr size_t kTime = 23, kName = 24, kCapability = 18;

Table EventTable(const Settings& settings) {
  std::vector<Table::Column> columns = {{"TIME", false, 0, kTime},
                                        {"CONTAINER", false, 0, kName},
                                        {"CAPABILITY", false, 0, kCapability},
                                        {"RESULT", false, 0, 7},
                                        {"COUNT", true, 0, 7},
                                        {"MEANS", false, 0, 12},
                                        {"SYSCALL", false, 0, 16},
                                        {"BINARY", false, 0, 16}};
  if (settings.wide()) columns.insert(columns.end(), {{"SITE", false, 0, 24}, {"WHY"}});
  return Table(columns);
}

Table AlertTable(const Settings& settings) {
  std::vector<Table::Column> columns = {{"LAST", false, 0, kTime},
                                        {"SEVERITY", false, 0, 8},
                                        {"KIND", false, 0, 17},
                                        {"CONTAINER", false, 0, kName},
                                        {"CAPABILITY", false, 0, kCapability},
                                        {"COUNT", true, 0, 7}};
  if (settings.wide())
    columns.insert(columns.end(), {{"RULE", false, 0, 5},
                                   {"WORKLOAD", false, 0, 32},
                                   {"ID", false, 0, 56},
                                   {"FIRST", false, 0, kTime},
                                   {"BINARY", false, 0, 16},
                                   {"SYSCALL", false, 0, 16},
                                   {"SITE", false, 0, 24}});
  columns.push_back({"MESSAGE"});
  return Table(columns);
}

}  // namespace

void RenderEventTitles(std::ostream& out, const Settings& settings) {
  EventTable(settings).Print(out, settings.headers);
}

void RenderEvent(std::ostream& out, const v1::Event& event, const Settings& settings) {
  const v1::Evidence& evidence = event.evidence();
  std::vector<std::string> cells = {
      FormatTime(event.time()),      DisplayName(event.container()),
      ShortName(event.capability()), evidence.granted() ? "granted" : "denied",
      Grouped(evidence.count()),     evidence.verdict(),
      OrDash(evidence.syscall()),    OrDash(evidence.binary())};
  if (settings.wide()) cells.insert(cells.end(), {OrDash(evidence.site()), evidence.reason()});
  Table table = EventTable(settings);
  table.Add(std::move(cells));
  table.Print(out, false);
}

void RenderAlertTitles(std::ostream& out, const Settings& settings) {
  AlertTable(settings).Print(out, settings.headers);
}

void RenderAlert(std::ostream& out, const v1::Alert& alert, const Settings& settings) {
  std::vector<std::string> cells = {FormatTime(alert.last()),
                                    alert.severity(),
                                    alert.kind(),
                                    DisplayName(alert.container()),
                                    OrDash(ShortName(alert.capability())),
                                    Grouped(alert.count())};
  if (settings.wide())
    cells.insert(cells.end(), {OrDash(alert.rule()), OrDash(alert.workload()), alert.id(),
                               FormatTime(alert.first()), OrDash(alert.binary()),
                               OrDash(alert.syscall()), OrDash(alert.site())});
  cells.push_back(alert.message());
  Table table = AlertTable(settings);
  table.Add(std::move(cells));
  table.Print(out, false);
}

void SortByTime(std::vector<v1::Alert>& alerts) {
  std::ranges::stable_sort(alerts, std::less(), [](const v1::Alert& alert) {
    return std::pair(alert.last().seconds(), alert.last().nanos());
  });
}

}  // namespace capmon
