// SPDX-License-Identifier: Apache-2.0
// The Static Analysis Results Interchange Format, version 2.1.0, as code scanning services read it.
#include "absl/strings/str_cat.h"
#include "client/manifest/report.h"
#include "common/percent.h"
#include "generated/version.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

// A path as a relative or absolute URI reference.
std::string UriOf(const std::string& path) { return PercentEncode(path, "/._-~"); }

ordered_json Rules() {
  ordered_json rules = ordered_json::array();
  for (const RuleFacts& facts : kRules)
    rules.push_back({{"id", facts.id}, {"shortDescription", {{"text", facts.meaning}}}});
  return rules;
}

ordered_json Result(const std::string& file, const std::string& label,
                    const ManifestFinding& finding) {
  const ordered_json region = {{"startLine", finding.place.line},
                               {"startColumn", finding.place.column}};
  const ordered_json location = {
      {"physicalLocation", {{"artifactLocation", {{"uri", UriOf(file)}}}, {"region", region}}}};
  return {{"ruleId", FactsOf(finding.rule).id},
          {"ruleIndex", static_cast<int>(finding.rule)},
          {"level", Name(finding.level)},
          {"message", {{"text", absl::StrCat(label, label.empty() ? "" : ": ", finding.message)}}},
          {"locations", ordered_json::array({location})}};
}

}  // namespace

ordered_json CheckSarif(const std::vector<CheckedFile>& files) {
  ordered_json results = ordered_json::array();
  for (const CheckedFile& file : files) {
    for (const ManifestFinding& finding : file.findings)
      results.push_back(Result(file.name, "", finding));
    for (const CheckedContainer& container : file.containers)
      for (const ManifestFinding& finding : container.findings)
        results.push_back(Result(file.name, container.label, finding));
  }
  ordered_json driver = {{"name", "capmon"}, {"version", CAPMON_VERSION}, {"rules", Rules()}};
  ordered_json run = {{"tool", {{"driver", std::move(driver)}}},
                      {"columnKind", "unicodeCodePoints"},
                      {"results", std::move(results)}};
  return {{"version", "2.1.0"},
          {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"runs", ordered_json::array({std::move(run)})}};
}

}  // namespace capmon
