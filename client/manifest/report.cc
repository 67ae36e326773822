// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/report.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

void Count(const ManifestFindings& findings, FindingCounts& counts) {
  for (const ManifestFinding& finding : findings) {
    counts.errors += finding.level == FindingLevel::kError ? 1 : 0;
    counts.warnings += finding.level == FindingLevel::kWarning ? 1 : 0;
    counts.notes += finding.level == FindingLevel::kNote ? 1 : 0;
  }
}

std::string LinesOf(const std::string& file, const std::string& label,
                    const ManifestFindings& findings) {
  std::string text;
  for (const ManifestFinding& finding : findings)
    absl::StrAppend(
        &text,
        Printable(absl::StrCat(file, ":", finding.place.line, ":", finding.place.column, ": ",
                               Name(finding.level), ": ", label, label.empty() ? "" : ": ",
                               finding.message, " [", FactsOf(finding.rule).id, "]")),
        "\n");
  return text;
}

std::string Plural(size_t count, const char* what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

ordered_json JsonOf(const ManifestFindings& findings) {
  ordered_json list = ordered_json::array();
  for (const ManifestFinding& finding : findings)
    list.push_back({{"line", finding.place.line},
                    {"column", finding.place.column},
                    {"level", Name(finding.level)},
                    {"rule", FactsOf(finding.rule).id},
                    {"message", finding.message}});
  return list;
}

ordered_json JsonOf(const CheckedContainer& container) {
  return {{"container", container.label},     {"line", container.place.line},
          {"column", container.place.column}, {"workload", container.workload},
          {"grounds", container.grounds},     {"pod_security", container.pod_security},
          {"settled", container.settled},     {"findings", JsonOf(container.findings)}};
}

}  // namespace

FindingCounts CountsOf(const std::vector<CheckedFile>& files) {
  FindingCounts counts;
  for (const CheckedFile& file : files) {
    Count(file.findings, counts);
    counts.containers += file.containers.size();
    for (const CheckedContainer& container : file.containers) {
      Count(container.findings, counts);
      counts.unsettled += container.settled ? 0 : 1;
    }
  }
  return counts;
}

std::string CheckText(const std::vector<CheckedFile>& files) {
  std::string text;
  for (const CheckedFile& file : files) {
    text += LinesOf(file.name, "", file.findings);
    for (const CheckedContainer& container : file.containers)
      text += LinesOf(file.name, container.label, container.findings);
  }
  const FindingCounts counts = CountsOf(files);
  absl::StrAppend(&text, Plural(counts.containers, "container"), " in ",
                  Plural(files.size(), "file"), ": ", Plural(counts.errors, "error"), ", ",
                  Plural(counts.warnings, "warning"), ", ", Plural(counts.notes, "note"), "\n");
  return text;
}

ordered_json CheckJson(const std::vector<CheckedFile>& files) {
  const FindingCounts counts = CountsOf(files);
  ordered_json document = {{"passed", !counts.failed()}, {"containers", counts.containers},
                           {"errors", counts.errors},    {"warnings", counts.warnings},
                           {"notes", counts.notes},      {"files", ordered_json::array()}};
  for (const CheckedFile& file : files) {
    ordered_json containers = ordered_json::array();
    for (const CheckedContainer& container : file.containers)
      containers.push_back(JsonOf(container));
    document["files"].push_back({{"file", file.name},
                                 {"findings", JsonOf(file.findings)},
                                 {"containers", std::move(containers)}});
  }
  return document;
}

}  // namespace capmon
