// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
  html.Leaf("th", {{"scope", "col"}, {"class", "name"}}, "Workload");
  html.Leaf("th", {{"scope", "col"}, {"class", "risk"}}, "Risk");
  html.Leaf("th", {{"scope", "col"}, {"class", "sum"}}, "Capabilities");
  for (const Capability capability : report.columns) {
    const CapabilityFacts& risk = FactsOf(capability);
    const auto title = html.In(
        "th",
        {{"scope", "col"}, {"title", absl::StrCat("Weight ", risk.weight, ". ", risk.reason)}});
    html.Leaf("span", {}, ShortCapabilityName(capability));
  }
}

// Returns the verdicts by capability, for rows that have a profile.
std::map<std::string, const v1::CapabilityVerdict*> Verdicts(const ReportedWorkload& workload) {
  std::map<std::string, const v1::CapabilityVerdict*> verdicts;
  if (workload.profile)
    for (const v1::CapabilityVerdict& verdict : workload.profile->capabilities())
      verdicts[ShortName(verdict.capability())] = &verdict;
  return verdicts;
}

std::string Explained(const std::string& name, Cell cell, const v1::CapabilityVerdict* verdict) {
  std::string text = absl::StrCat(name, ": ", MarkOf(cell).meaning);
  if (verdict != nullptr && ParseVerdict(verdict->verdict()) != Verdict::kUnused)
    absl::StrAppend(&text, " (", verdict->verdict(), ", ", verdict->reason(), ")");
  return text;
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

// Instead of the cells where there is no room for them.
std::string SumOf(const MatrixRow& row) {
  if (!row.summary.held_known()) return "what it holds is not known";
  std::vector<std::string> parts = {absl::StrCat(row.used.size(), " needed"),
                                    absl::StrCat(row.unused().size(), " not needed")};
  if (!row.unknown.empty()) parts.push_back(absl::StrCat(row.unknown.size(), " unknown"));
  if (!row.denied.empty()) parts.push_back(absl::StrCat(row.denied.size(), " denied"));
  return absl::StrJoin(parts, " · ");
}

void RenderNameCell(Html& html, const Arranged& page, size_t number) {
  const auto cell = html.In("th", {{"scope", "row"}, {"class", "name"}});
  RenderNameLink(html, page, number);
  if (!page.HasSection(number)) return;
  const v1::Confidence& confidence = page.report.workloads[number].profile->confidence();
  if (confidence.lost() > 0)
    html.Leaf("a", {{"class", "flag"}, {"href", "#" + LossesId(number)}}, "evidence lost");
}

void RenderRow(Html& html, const Arranged& page, size_t number) {
  const ReportedWorkload& workload = page.report.workloads[number];
  const MatrixRow& row = workload.row;
  const auto verdicts = Verdicts(workload);
  const auto line = html.In("tr", {{"class", "row"}});
  RenderNameCell(html, page, number);
  html.Leaf("td", {{"class", "risk"}}, row.RiskText());
  html.Leaf("td", {{"class", "sum"}}, SumOf(row));
  for (const Capability capability : page.report.columns) {
    const Cell cell = row.at(capability);
    const std::string name = ShortCapabilityName(capability);
    const auto found = verdicts.find(name);
    const bool explained = found != verdicts.end();
    RenderCell(html, cell, Explained(name, cell, explained ? found->second : nullptr),
               page.HasSection(number) && explained ? VerdictId(number, name) : "");
  }
}

const char* MeaningOf(Band band) {
  switch (band) {
    case Band::kCritical: return "with what it does not need, the host is lost";
    case Band::kHigh: return "what it does not need opens the host or other containers to attack";
    case Band::kMedium: return "what it does not need helps an attacker inside the container";
    case Band::kLow: return "what it does not need is a nuisance";
    case Band::kUnknown: return "whether it needs what it holds is not known";
    case Band::kNone: break;
  }
  return "it can use only what it needs";
}

// The row above the rows of one band.
void RenderBandRow(Html& html, const Arranged& page, size_t begin, size_t end) {
  const Band band = page.bands[begin];
  const auto row = html.In("tr", {{"class", "bandrow"}});
  const auto cell =
      html.In("th", {{"scope", "rowgroup"},
                     {"id", absl::StrCat(begin < page.containers ? "c-" : "o-", Name(band))},
                     {"colspan", absl::StrCat(3 + page.report.columns.size())}});
  const auto text = html.In("div");
  RenderBand(html, band);
  html.Text(absl::StrCat(" ", Counted(end - begin, "workload", "workloads"),
                         begin < page.containers ? ": " : ""));
  if (begin < page.containers) html.Leaf("small", {}, MeaningOf(band));
}

}  // namespace

void RenderMatrixTable(Html& html, const Arranged& page, size_t begin, size_t end) {
  if (begin == 0) RenderLegend(html);
  const auto frame = html.In("div", {{"class", "frame"}, {"tabindex", "0"}});
  const auto table = html.In("table", {{"class", "matrix"}});
  RenderTitles(html, page.report);
  while (begin < end) {
    const Band band = page.bands[begin];
    size_t next = begin;
    while (next < end && page.bands[next] == band) ++next;
    const auto body = html.In("tbody", {{"class", Name(band)}});
    RenderBandRow(html, page, begin, next);
    for (; begin < next; ++begin) {
      html.Newline();
      RenderRow(html, page, begin);
    }
  }
}

}  // namespace capmon
