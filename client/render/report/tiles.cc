// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"
#include "daemon/model/loss.h"

namespace capmon {
namespace {

struct Totals {
  uint64_t held = 0, unused = 0, unknown = 0, denied = 0, unread = 0, stable = 0;
};

Totals Count(const Findings& report) {
  Totals totals;
  for (const ReportedWorkload& workload : report.workloads) {
    const MatrixRow& row = workload.row;
    totals.held += row.held.size();
    totals.unused += row.unused().size();
    totals.unknown += row.unknown.size();
    totals.denied += row.denied.size();
    if (!row.summary.held_known()) ++totals.unread;
    if (row.summary.confidence().state() != "learning") ++totals.stable;
  }
  return totals;
}

// Checks counted without outcome or details are no lost checks.
uint64_t Lost(const v1::Status& status, LossKind kind) {
  return LossesOfKind({status.lost().begin(), status.lost().end()}, kind);
}

std::string AboutLosses(const v1::Status& status) {
  const uint64_t outcomes = Lost(status, LossKind::kOutcome);
  const uint64_t details = Lost(status, LossKind::kDetail);
  std::string text =
      Lost(status, LossKind::kEvidence) == 0 ? "every check was counted" : "explained below";
  if (outcomes > 0) absl::StrAppend(&text, "; ", Grouped(outcomes), " outcomes unknown");
  if (details > 0) absl::StrAppend(&text, "; ", Grouped(details), " details lost");
  return text;
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

// Draws the proportion of held and needed; style attributes are not allowed here.
void RenderBar(Html& html, const Totals& totals) {
  if (totals.held == 0) return;
  const uint64_t used = (totals.held - totals.unused - totals.unknown) * 1000 / totals.held;
  const uint64_t unknown = totals.unknown * 1000 / totals.held;
  const auto svg =
      html.In("svg", {{"class", "bar"},
                      {"viewBox", "0 0 1000 10"},
                      {"preserveAspectRatio", "none"},
                      {"role", "img"},
                      {"aria-label", Share(totals.unused, totals.held) + " is not needed"}});
  html.Leaf("rect", {{"class", "u"}, {"width", absl::StrCat(used)}, {"height", "10"}}, "");
  html.Leaf("rect",
            {{"class", "q"},
             {"x", absl::StrCat(used)},
             {"width", absl::StrCat(unknown)},
             {"height", "10"}},
            "");
  html.Leaf("rect",
            {{"class", "n"},
             {"x", absl::StrCat(used + unknown)},
             {"width", absl::StrCat(1000 - used - unknown)},
             {"height", "10"}},
            "");
}

// How many containers are in each band, as links to their rows.
void RenderBands(Html& html, const Arranged& page) {
  if (page.containers == 0) return;
  const auto list = html.In("p", {{"class", "bands"}});
  html.Leaf("span", {}, "Containers");
  const auto end = page.bands.begin() + static_cast<ptrdiff_t>(page.containers);
  for (const Band band : kBands) {
    const auto count = static_cast<uint64_t>(std::count(page.bands.begin(), end, band));
    if (count == 0) continue;
    const auto link = html.In("a", {{"href", absl::StrCat("#c-", Name(band))},
                                    {"class", absl::StrCat("band ", Name(band))}});
    html.Text(absl::StrCat(Grouped(count), " ", band == Band::kNone ? "without risk" : Name(band)));
  }
}

}  // namespace

void RenderTiles(Html& html, const Arranged& page) {
  const Findings& report = page.report;
  const Totals totals = Count(report);
  const size_t workloads = report.workloads.size();
  const uint64_t lost = Lost(report.status, LossKind::kEvidence);
  html.Leaf("h2", {}, "In figures");
  {
    const auto tiles = html.In("div", {{"class", "tiles"}});
    RenderTile(html, "", Grouped(workloads), workloads == 1 ? "workload" : "workloads",
               absl::StrCat(Grouped(totals.stable), " stable, ", Grouped(workloads - totals.stable),
                            " learning; ", Grouped(page.containers), " of containers"));
    RenderTile(html, "", Grouped(totals.held), "held",
               totals.unread == 0 ? "capabilities, counted per workload"
                                  : absl::StrCat("not known of ",
                                                 Counted(totals.unread, "workload", "workloads")));
    RenderTile(html, "unused", Grouped(totals.unused), "not needed",
               Share(totals.unused, totals.held));
    if (totals.unknown > 0)
      RenderTile(html, "", Grouped(totals.unknown), "unknown",
                 absl::StrCat(Share(totals.unknown, totals.held),
                              ": the evidence cannot show whether they are needed"));
    RenderTile(html, totals.denied == 0 ? "" : "denied", Grouped(totals.denied), "denied",
               "and the call failed because of it, or may have");
    RenderTile(html, lost == 0 ? "" : "denied", Grouped(lost), "checks lost",
               AboutLosses(report.status));
  }
  RenderBar(html, totals);
  RenderBands(html, page);
  html.Newline();
}

}  // namespace capmon
