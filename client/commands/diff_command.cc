// SPDX-License-Identifier: Apache-2.0
#include "client/commands/diff_command.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/input.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/document.h"
#include "client/commands/profile_source.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

const char* KindOf(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::kNew: return "new";
    case Difference::Kind::kGone: return "gone";
    case Difference::Kind::kChanged: break;
  }
  return "changed";
}

// As in a unified diff, "+ NET_RAW: required", "- KILL: required"; a changed line has both words.
std::string LineOf(const Difference& difference) {
  switch (difference.kind) {
    case Difference::Kind::kNew:
      return absl::StrCat("+ ", difference.subject, ": ", difference.after);
    case Difference::Kind::kGone:
      return absl::StrCat("- ", difference.subject, ": ", difference.before);
    case Difference::Kind::kChanged: break;
  }
  return absl::StrCat("~ ", difference.subject, ": ", OrDash(difference.before), " -> ",
                      OrDash(difference.after));
}

absl::StatusOr<std::vector<Comparison>> CompareWords(const Settings& settings,
                                                     const std::string& before,
                                                     const std::string& after) {
  if (before == kStandardInput && after == kStandardInput)
    return absl::InvalidArgumentError("- is given twice, and standard input can be read only once");
  const auto left = ProfilesOf(settings, before);
  if (!left.ok()) return left.status();
  const auto right = ProfilesOf(settings, after);
  if (!right.ok()) return right.status();
  return Compare(*left, *right);
}

absl::Status PrintComparisons(const Settings& settings, const std::vector<Comparison>& comparisons,
                              const char* only_after) {
  return settings.document() ? PrintDocument(ComparisonJson(comparisons), settings.format)
                             : Print(ComparisonText(comparisons, only_after));
}

}  // namespace

std::string ComparisonText(const std::vector<Comparison>& comparisons, const char* only_after) {
  std::string text;
  for (const Comparison& comparison : comparisons) {
    if (comparison.equal()) continue;
    absl::StrAppend(&text, Printable(comparison.workload),
                    comparison.only_before ? ": only on the left" : "",
                    comparison.only_after ? only_after : "", "\n");
    for (const Difference& difference : comparison.differences)
      absl::StrAppend(&text, "  ", Printable(LineOf(difference)), "\n");
  }
  return text;
}

ordered_json ComparisonJson(const std::vector<Comparison>& comparisons) {
  ordered_json document;
  document["equal"] = std::ranges::all_of(comparisons, &Comparison::equal);
  document["comparisons"] = ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    ordered_json one = {{"workload", comparison.workload},
                        {"only_before", comparison.only_before},
                        {"only_after", comparison.only_after},
                        {"differences", ordered_json::array()}};
    for (const Difference& difference : comparison.differences)
      one["differences"].push_back({{"kind", KindOf(difference.kind)},
                                    {"subject", difference.subject},
                                    {"before", difference.before},
                                    {"after", difference.after},
                                    {"decides", difference.decides}});
    document["comparisons"].push_back(std::move(one));
  }
  return document;
}

absl::StatusOr<int> Diff(const Settings& settings, const std::string& before,
                         const std::string& after) {
  const auto comparisons = CompareWords(settings, before, after);
  if (!comparisons.ok()) return comparisons.status();
  if (absl::Status printed = PrintComparisons(settings, *comparisons, ": only on the right");
      !printed.ok())
    return printed;
  return std::ranges::all_of(*comparisons, &Comparison::equal) ? kExitOk : kExitDifference;
}

absl::StatusOr<int> CheckBaseline(const Settings& settings, const std::string& now,
                                  const std::string& baseline) {
  const std::string file = IsProfileFile(baseline) ? baseline : absl::StrCat("file:", baseline);
  auto comparisons = CompareWords(settings, file, now);
  if (!comparisons.ok()) return comparisons.status();
  // A baseline may have more workloads than the compared one.
  std::erase_if(*comparisons, [](const Comparison& one) { return one.only_before; });
  for (Comparison& comparison : *comparisons)
    std::erase_if(comparison.differences, [](const Difference& one) { return !one.decides; });
  if (absl::Status printed = PrintComparisons(settings, *comparisons, ": not in the baseline");
      !printed.ok())
    return printed;
  return std::ranges::any_of(*comparisons, &Comparison::decides) ? kExitDifference : kExitOk;
}

}  // namespace capmon
