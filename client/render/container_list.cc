// SPDX-License-Identifier: Apache-2.0
#include "client/render/container_list.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/csv.h"
#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {
namespace {

// The columns shared by both lists: of a container, or of a workload's instances.
const std::vector<Table::Column> kSummary = {
    {"HELD", true},   {"KEEP", false, 40}, {"UNKNOWN", true}, {"MISSED", false, 30},
    {"CHECKS", true}, {"LEARNED", true},   {"STATE"}};

void AddSummary(const v1::ContainerSummary& summary, bool ended, std::vector<std::string>& cells) {
  const v1::Confidence& confidence = summary.confidence();
  for (std::string& cell : std::vector<std::string>{
           summary.held_known() ? std::to_string(summary.held()) : "–",
           OrDash(ShortNames(summary.used())),
           summary.unknown().empty() ? "–" : std::to_string(summary.unknown_size()),
           OrDash(ShortNames(summary.denied())), Grouped(summary.checks()),
           Duration(confidence.observed_seconds()), confidence.state() + (ended ? ", ended" : "")})
    cells.push_back(std::move(cell));
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
    "missed",    "checks", "learned_seconds", "state", "ended"};

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

void RenderContainers(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings) {
  if (IsNamesOrCsv(settings.format)) return RenderNamesOrCsv(out, response, settings);
  std::vector<Table::Column> columns = {{"NAME"}, {"KIND"}};
  columns.insert(columns.end(), kSummary.begin(), kSummary.end());
  if (settings.wide())
    for (const char* title : {"IMAGE", "RUNTIME", "ID", "CGROUP"}) columns.push_back({title});

  Table table(columns);
  for (const v1::ContainerSummary& summary : response.containers()) {
    const v1::Container& container = summary.container();
    std::vector<std::string> cells = {DisplayName(container), container.kind()};
    AddSummary(summary, container.has_ended(), cells);
    if (settings.wide())
      for (const std::string& text :
           {container.image(), container.runtime(), container.id(), container.cgroup_path()})
        cells.push_back(OrDash(text));
    table.Add(std::move(cells));
  }
  table.Print(out, settings.headers);
}

void RenderWorkloads(std::ostream& out, const v1::ListWorkloadsResponse& response,
                     const Settings& settings) {
  if (IsNamesOrCsv(settings.format)) return RenderNamesOrCsv(out, response, settings);
  std::vector<Table::Column> columns = {{"WORKLOAD"}, {"INSTANCES", true}};
  columns.insert(columns.end(), kSummary.begin(), kSummary.end());
  if (settings.wide())
    for (const char* title : {"KIND", "IMAGE", "DIGEST", "BY"}) columns.push_back({title});

  Table table(columns);
  for (const v1::WorkloadSummary& row : response.workloads()) {
    const v1::Workload& workload = row.workload();
    const v1::Container& container = row.summary().container();
    std::vector<std::string> cells = {NameOfWorkload(row), Instances(workload)};
    AddSummary(row.summary(), WorkloadHasEnded(workload), cells);
    if (settings.wide())
      for (const std::string& text :
           {container.kind(), container.image(), workload.digest(), workload.source()})
        cells.push_back(OrDash(text));
    table.Add(std::move(cells));
  }
  table.Print(out, settings.headers);
}

}  // namespace capmon
