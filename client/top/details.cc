// SPDX-License-Identifier: Apache-2.0
#include "client/top/details.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/render/profile.h"
#include "client/top/columns.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr size_t kLeastWidth = 20;

void AddWrapped(std::vector<std::string>& lines, const std::string& indent, const std::string& text,
                size_t width) {
  const size_t room = std::max(kLeastWidth, width - std::min(width, indent.size()));
  for (const std::string& line : Wrapped(Printable(text), room)) lines.push_back(indent + line);
}

std::string Advised(const char* what, const std::string& advice, const std::string& reason) {
  return absl::StrCat(what, advice, reason.empty() ? "" : ", ", reason);
}

}  // namespace

std::vector<std::string> DetailLines(const v1::Profile& profile, size_t width) {
  std::ostringstream heading;
  RenderHeading(heading, profile.container(), profile.confidence());
  std::vector<std::string> lines = absl::StrSplit(heading.str(), '\n', absl::SkipEmpty());
  const v1::Recommendation& advice = profile.recommendation();
  AddWrapped(lines, "", "Keep: " + OrDash(NamesByRisk(SetOf(advice.keep()))), width);
  AddWrapped(lines, "", "Remove: " + OrDash(NamesByRisk(SetOf(advice.remove()))), width);
  if (!advice.unknown().empty())
    AddWrapped(lines, "",
               absl::StrCat("Unknown: ", advice.unknown_size(), " (",
                            NamesByRisk(SetOf(advice.unknown())), ")"),
               width);
  lines.emplace_back();
  for (const v1::CapabilityVerdict& verdict : profile.capabilities()) {
    const auto known = ParseVerdict(verdict.verdict());
    if (known == Verdict::kUnused || (known == Verdict::kUnknown && verdict.checks() == 0))
      continue;
    lines.push_back(Printable(absl::StrFormat(
        "%-20s %-14s %-9s %s checks", ShortName(verdict.capability()), verdict.verdict(),
        verdict.granted() ? "held" : "not held", Grouped(verdict.checks()))));
    AddWrapped(lines, "    ", verdict.reason(), width);
  }
  lines.emplace_back();
  AddWrapped(
      lines, "",
      Advised("no-new-privileges: ", advice.no_new_privileges(), advice.no_new_privileges_reason()),
      width);
  AddWrapped(lines, "", Advised("non-root: ", advice.non_root(), advice.non_root_reason()), width);
  for (const std::string& warning : advice.warnings())
    AddWrapped(lines, "", "Warning: " + warning, width);
  for (const std::string& condition : profile.confidence().open_conditions())
    AddWrapped(lines, "", "Open: " + condition, width);
  return lines;
}

}  // namespace capmon
