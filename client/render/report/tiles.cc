// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/render/report/parts.h"
#include "client/text.h"

namespace capmon {
namespace {

struct Totals {
  uint64_t held = 0, unused = 0, denied = 0, unknown = 0, stable = 0;
};

Totals Count(const Findings& report) {
  Totals totals;
  for (const ReportedContainer& container : report.containers) {
    const MatrixRow& row = container.row;
    totals.held += row.held.size();
    totals.unused += row.unused().size();
    totals.denied += row.denied.size();
    if (!row.summary.held_known()) ++totals.unknown;
    if (row.summary.confidence().state() != "learning") ++totals.stable;
  }
  return totals;
}

uint64_t Lost(const v1::Status& status) {
  uint64_t lost = 0;
  for (const auto& [cause, count] : status.lost()) lost += count;
  return lost;
}

void RenderTile(Html& html, const char* kind, const std::string& figure, const std::string& what,
                const std::string& detail) {
  const auto tile = html.In("div", {{"class", absl::StrCat("tile ", kind)}});
  html.Leaf("strong", {}, figure);
  html.Leaf("span", {}, what);
  html.Leaf("small", {}, detail);
}

std::string Share(uint64_t part, uint64_t whole) {
  if (whole == 0) return "nothing is held";
  return absl::StrCat((part * 100 + whole / 2) / whole, " % of what is held");
}

// The proportion of held and needed, as a drawing: style attributes are not allowed here.
void RenderBar(Html& html, const Totals& totals) {
  if (totals.held == 0) return;
  const uint64_t used = (totals.held - totals.unused) * 1000 / totals.held;
  const auto svg =
      html.In("svg", {{"class", "bar"},
                      {"viewBox", "0 0 1000 10"},
                      {"preserveAspectRatio", "none"},
                      {"role", "img"},
                      {"aria-label", Share(totals.unused, totals.held) + " is not needed"}});
  html.Leaf("rect", {{"class", "u"}, {"width", absl::StrCat(used)}, {"height", "10"}}, "");
  html.Leaf("rect",
            {{"class", "n"},
             {"x", absl::StrCat(used)},
             {"width", absl::StrCat(1000 - used)},
             {"height", "10"}},
            "");
}

void RenderWorst(Html& html, const Findings& report) {
  const auto tile = html.In("div", {{"class", "tile worst"}});
  const MatrixRow& row = report.containers.front().row;
  {
    const auto strong = html.In("strong");
    const auto link = html.In("a", {{"href", "#" + SectionId(0)}});
    html.Leaf("bdi", {}, row.name);
  }
  html.Leaf("span", {}, absl::StrCat("worst, risk ", row.risk));
  html.Leaf("small", {}, absl::StrCat(row.unused().size(), " held and not needed"));
}

}  // namespace

void RenderTiles(Html& html, const Findings& report) {
  const Totals totals = Count(report);
  const size_t containers = report.containers.size();
  const uint64_t lost = Lost(report.status);
  {
    const auto tiles = html.In("div", {{"class", "tiles"}});
    RenderTile(html, "", Grouped(containers), containers == 1 ? "container" : "containers",
               absl::StrCat(Grouped(totals.stable), " stable, ",
                            Grouped(containers - totals.stable), " learning"));
    RenderTile(html, "", Grouped(totals.held), "held",
               totals.unknown == 0
                   ? "capabilities, counted per container"
                   : absl::StrCat("not known of ", Grouped(totals.unknown), " containers"));
    RenderTile(html, "unused", Grouped(totals.unused), "not needed",
               Share(totals.unused, totals.held));
    RenderTile(html, totals.denied == 0 ? "" : "denied", Grouped(totals.denied), "refused",
               "asked for, and the call failed or may have");
    if (!report.containers.empty()) RenderWorst(html, report);
    RenderTile(html, lost == 0 ? "" : "denied", Grouped(lost), "checks lost",
               lost == 0 ? "the evidence is complete" : "capmon status says where");
  }
  RenderBar(html, totals);
  html.Newline();
}

}  // namespace capmon
