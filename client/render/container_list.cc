// SPDX-License-Identifier: Apache-2.0
#include "client/render/container_list.h"

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/csv.h"
#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {
namespace {

std::string Ago(const google::protobuf::Timestamp& time) {
  return Duration(std::max<int64_t>(std::time(nullptr) - time.seconds(), 0));
}

// The columns shared by both lists: of a container, or of a workload's instances.
std::vector<Table::Column> Columns(const std::vector<Table::Column>& names,
                                   const std::vector<const char*>& wide, const Settings& settings,
                                   const ListLook& look) {
  std::vector<Table::Column> columns;
  if (look.name_spaces || settings.wide()) columns.push_back({"NAMESPACE"});
  columns.insert(columns.end(), names.begin(), names.end());
  const std::vector<Table::Column> summary = {
      {"HELD", true},   {"KEEP", false, 40}, {"UNKNOWN", true}, {"DENIED", false, 30},
      {"CHECKS", true}, {"LEARNED", true},   {"STATE"},         {"AGE", true}};
  columns.insert(columns.end(), summary.begin(), summary.end());
  if (look.ended) columns.push_back({"ENDED"});
  if (settings.wide())
    for (const char* title : wide) columns.push_back({title});
  return columns;
}

// `names` and `wide`: the cells of the columns of these names.
void AddRow(const v1::ContainerSummary& summary, bool ended, std::vector<std::string> names,
            const std::vector<std::string>& wide, const Settings& settings, const ListLook& look,
            Table& table) {
  const v1::Confidence& confidence = summary.confidence();
  const v1::Container& container = summary.container();
  std::vector<std::string> cells;
  if (look.name_spaces || settings.wide()) cells.push_back(OrDash(container.namespace_()));
  cells.insert(cells.end(), names.begin(), names.end());
  for (std::string& cell : std::vector<std::string>{
           summary.held_known() ? std::to_string(summary.held()) : "–",
           OrDash(ShortNames(summary.used())),
           summary.unknown().empty() ? "–" : std::to_string(summary.unknown_size()),
           OrDash(ShortNames(summary.denied())), Grouped(summary.checks()),
           Duration(confidence.observed_seconds()), confidence.state(),
           container.has_first_seen() ? Ago(container.first_seen()) : "–"})
    cells.push_back(std::move(cell));
  if (look.ended)
    cells.push_back(!ended                  ? "–"
                    : container.has_ended() ? absl::StrCat(Ago(container.ended()), " ago")
                                            : "yes");
  if (settings.wide())
    for (const std::string& text : wide) cells.push_back(OrDash(text));
  table.Add(std::move(cells));
}

// "3", "3, 2 ended", "2 ended", "4 imported"
std::string Instances(const v1::Workload& workload) {
  if (workload.instances() == 0) return absl::StrCat(workload.imported_instances(), " imported");
  const uint32_t ended = workload.instances() - std::min(workload.running(), workload.instances());
  if (ended == 0) return std::to_string(workload.running());
  return workload.running() == 0 ? absl::StrCat(ended, " ended")
                                 : absl::StrCat(workload.running(), ", ", ended, " ended");
}

// The columns that both lists have as comma-separated values: numbers are not grouped, times in
// seconds, names of capabilities apart by blanks.
const std::vector<std::string> kCsvColumns = {
    "namespace", "kind",   "image",           "held",  "keep", "unknown",
    "denied",    "checks", "learned_seconds", "state", "ended"};

std::vector<std::string> CsvCells(const v1::ContainerSummary& summary, bool ended) {
  const v1::Container& container = summary.container();
  const auto names = [](const google::protobuf::RepeatedPtrField<std::string>& capabilities) {
    return absl::StrReplaceAll(ShortNames(capabilities), {{", ", " "}});
  };
  return {container.namespace_(),
          container.kind(),
          container.image(),
          summary.held_known() ? std::to_string(summary.held()) : "",
          names(summary.used()),
          names(summary.unknown()),
          names(summary.denied()),
          std::to_string(summary.checks()),
          std::to_string(summary.confidence().observed_seconds()),
          summary.confidence().state(),
          ended ? "yes" : "no"};
}

void WriteCsv(std::ostream& out, std::vector<std::string> first, std::vector<std::string> others) {
  first.insert(first.end(), others.begin(), others.end());
  out << CsvLine(first);
}

void RenderNamesOrCsv(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings) {
  const bool csv = settings.format == Format::kCsv;
  if (csv && settings.headers) WriteCsv(out, {"name", "id"}, kCsvColumns);
  for (const v1::ContainerSummary& summary : response.containers()) {
    const v1::Container& container = summary.container();
    if (csv)
      WriteCsv(out, {DisplayName(container), container.id()},
               CsvCells(summary, container.has_ended()));
    else
      out << Printable(ShortReference(container)) << '\n';
  }
}

void RenderNamesOrCsv(std::ostream& out, const v1::ListWorkloadsResponse& response,
                      const Settings& settings) {
  const bool csv = settings.format == Format::kCsv;
  if (csv && settings.headers) WriteCsv(out, {"workload", "instances", "running"}, kCsvColumns);
  for (const v1::WorkloadSummary& row : response.workloads()) {
    const v1::Workload& workload = row.workload();
    if (csv)
      WriteCsv(out,
               {NameOfWorkload(row), std::to_string(workload.instances()),
                std::to_string(workload.running())},
               CsvCells(row.summary(), WorkloadHasEnded(workload)));
    else
      out << Printable(workload.name().empty() ? ShortReference(row.summary().container())
                                               : workload.name())
          << '\n';
  }
}

bool IsNamesOrCsv(Format format) { return format == Format::kName || format == Format::kCsv; }

}  // namespace

std::string NameOfWorkload(const v1::WorkloadSummary& row) {
  return row.workload().name().empty() ? DisplayName(row.summary().container())
                                       : row.workload().name();
}

bool WorkloadHasEnded(const v1::Workload& workload) {
  return workload.running() == 0 && workload.instances() > 0;
}

bool IsSandbox(const v1::Container& container) {
  return !container.pod().empty() && container.name() == "POD";
}

void RenderContainers(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings, ListLook look) {
  if (IsNamesOrCsv(settings.format)) return RenderNamesOrCsv(out, response, settings);
  look.ended |= std::ranges::any_of(response.containers(), [](const v1::ContainerSummary& row) {
    return row.container().has_ended();
  });
  Table table(Columns({{"NAME"}, {"KIND"}}, {"IMAGE", "RUNTIME", "ID", "CGROUP"}, settings, look));
  for (const v1::ContainerSummary& row : response.containers()) {
    const v1::Container& container = row.container();
    AddRow(row, container.has_ended(), {DisplayName(container), container.kind()},
           {container.image(), container.runtime(), container.id(), container.cgroup_path()},
           settings, look, table);
  }
  table.Print(out, settings.headers, 0, look.widths);
}

void RenderWorkloads(std::ostream& out, const v1::ListWorkloadsResponse& response,
                     const Settings& settings, ListLook look) {
  if (IsNamesOrCsv(settings.format)) return RenderNamesOrCsv(out, response, settings);
  look.ended |= std::ranges::any_of(response.workloads(), [](const v1::WorkloadSummary& row) {
    return WorkloadHasEnded(row.workload());
  });
  Table table(Columns({{"WORKLOAD"}, {"INSTANCES", true}}, {"KIND", "IMAGE", "DIGEST", "BY"},
                      settings, look));
  for (const v1::WorkloadSummary& row : response.workloads()) {
    const v1::Workload& workload = row.workload();
    const v1::Container& container = row.summary().container();
    AddRow(row.summary(), WorkloadHasEnded(workload), {NameOfWorkload(row), Instances(workload)},
           {container.kind(), container.image(), workload.digest(), workload.source()}, settings,
           look, table);
  }
  table.Print(out, settings.headers, 0, look.widths);
}

}  // namespace capmon
