// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"
#include "daemon/model/capability_facts.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

struct Mark {
  const char* css;  // style.css draws it
  const char* meaning;
};

Mark MarkOf(Cell cell) {
  switch (cell) {
    case Cell::kUsed: return {"u", "needed"};
    case Cell::kUnused: return {"n", "held, not needed"};
    case Cell::kDenied: return {"d", "denied"};
    case Cell::kUnknown: return {"q", "unknown"};
    case Cell::kAbsent: break;
  }
  return {"a", "not held"};
}

void RenderLegend(Html& html) {
  const auto legend = html.In("p", {{"class", "legend"}});
  for (const Cell cell :
       {Cell::kUsed, Cell::kUnused, Cell::kUnknown, Cell::kDenied, Cell::kAbsent}) {
    const Mark mark = MarkOf(cell);
    const auto entry = html.In("span");
    html.Leaf("i", {{"class", mark.css}}, "");
    html.Text(mark.meaning);
  }
}

void RenderTitles(Html& html, const Findings& report) {
  const auto head = html.In("thead");
  const auto row = html.In("tr");
  html.Leaf("th", {{"scope", "col"}, {"class", "name"}}, "Container");
  html.Leaf("th", {{"scope", "col"}, {"class", "risk"}}, "Risk");
  for (const Capability capability : report.columns) {
    const CapabilityFacts& risk = FactsOf(capability);
    const auto title = html.In(
        "th",
        {{"scope", "col"}, {"title", absl::StrCat("Weight ", risk.weight, ". ", risk.reason)}});
    html.Leaf("span", {}, ShortCapabilityName(capability));
  }
}

// Returns the verdicts by capability, for rows that have a profile.
std::map<std::string, const v1::CapabilityVerdict*> Verdicts(const ReportedContainer& container) {
  std::map<std::string, const v1::CapabilityVerdict*> verdicts;
  if (container.profile)
    for (const v1::CapabilityVerdict& verdict : container.profile->capabilities())
      verdicts[ShortName(verdict.capability())] = &verdict;
  return verdicts;
}

std::string Explained(const std::string& name, Cell cell, const v1::CapabilityVerdict* verdict) {
  std::string text = absl::StrCat(name, ": ", MarkOf(cell).meaning);
  if (verdict != nullptr && ParseVerdict(verdict->verdict()) != Verdict::kUnused)
    absl::StrAppend(&text, " (", verdict->verdict(), ", ", verdict->reason(), ")");
  return text;
}

void RenderName(Html& html, const std::string& name, size_t number, bool linked) {
  const auto cell = html.In("th", {{"scope", "row"}, {"class", "name"}, {"title", name}});
  if (!linked) {
    html.Leaf("bdi", {}, name);
    return;
  }
  const auto link = html.In("a", {{"href", "#" + SectionId(number)}});
  html.Leaf("bdi", {}, name);
}

// A hovered or focused cell shows its explanation; a link leads to it.
void RenderCell(Html& html, Cell cell, const std::string& label, const std::string& target) {
  const Mark mark = MarkOf(cell);
  const auto data = html.In("td");
  if (cell == Cell::kAbsent)
    html.Leaf("i", {{"class", mark.css}}, "");
  else if (target.empty())
    html.Leaf("b", {{"class", mark.css}, {"tabindex", "0"}, {"aria-label", label}}, "");
  else
    html.Leaf("a", {{"class", mark.css}, {"href", "#" + target}, {"aria-label", label}}, "");
}

void RenderRow(Html& html, const Findings& report, size_t number, bool linked) {
  const ReportedContainer& container = report.containers[number];
  const MatrixRow& row = container.row;
  const auto verdicts = Verdicts(container);
  const auto line = html.In("tr");
  RenderName(html, row.name, number, linked);
  html.Leaf("td", {{"class", "risk"}}, row.RiskText());
  for (const Capability capability : report.columns) {
    const Cell cell = row.at(capability);
    const std::string name = ShortCapabilityName(capability);
    const auto found = verdicts.find(name);
    const bool explained = found != verdicts.end();
    RenderCell(html, cell, Explained(name, cell, explained ? found->second : nullptr),
               linked && explained ? VerdictId(number, name) : "");
  }
}

}  // namespace

void RenderMatrixTable(Html& html, const Findings& report, size_t rows, size_t linked) {
  RenderLegend(html);
  const auto frame = html.In("div", {{"class", "frame"}, {"tabindex", "0"}});
  const auto table = html.In("table", {{"class", "matrix"}});
  RenderTitles(html, report);
  const auto body = html.In("tbody");
  for (size_t number = 0; number < rows; ++number) {
    html.Newline();
    RenderRow(html, report, number, number < linked && report.containers[number].profile);
  }
}

}  // namespace capmon
