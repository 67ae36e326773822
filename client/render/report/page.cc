// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"
#include "client/render/report/style.h"

namespace capmon {
namespace {

void RenderHead(Html& html, const v1::Status& status) {
  const auto head = html.In("head");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", absl::StrCat("default-src 'none'; style-src '", kReportStyleHash,
                                              "'; base-uri 'none'; form-action 'none'")}});
  html.Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  html.Void("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  html.Leaf("title", {},
            absl::StrCat("capmon: capabilities held and needed",
                         status.node().empty() ? "" : absl::StrCat(" on ", status.node())));
  const auto style = html.In("style");
  html.Verbatim(kReportStyle);
}

void RenderTop(Html& html, const Findings& report) {
  const v1::Status& status = report.status;
  const auto header = html.In("header");
  {
    const auto title = html.In("h1");
    html.Text("Capabilities held and needed");
    if (!status.node().empty()) {
      html.Text(" on ");
      html.Leaf("bdi", {}, status.node());
    }
  }
  std::vector<std::string> facts;
  if (!status.cluster().empty()) facts.push_back(absl::StrCat("cluster ", status.cluster()));
  facts.push_back(UtcText(report.written));
  facts.push_back(absl::StrCat("capmon ", status.version()));
  facts.push_back(absl::StrCat(
      "watched with ", OrDash(status.backend()), " on Linux ", OrDash(status.kernel()),
      status.has_started() ? absl::StrCat(" since ", UtcText(status.started().seconds())) : ""));
  html.Leaf("p", {}, absl::StrJoin(facts, " · "));
}

void RenderLeftOut(Html& html, uint64_t count, const char* one, const char* many) {
  if (count > 0) html.Leaf("p", {{"class", "note"}}, Counted(count, one, many));
}

// Sections of workloads from the first on, as many as fit; sets page.sections.
Html Sections(Arranged& page, const SharedNotes& notes, const ReportLimits& limits) {
  const size_t all = page.report.workloads.size();
  Html html;
  size_t number = 0;
  for (; number < all && html.size() < limits.bytes; ++number) {
    if (number == page.containers && number > 0) html.Leaf("h2", {}, "Details of host and units");
    if (page.HasSection(number)) RenderSection(html, page, notes, number, all <= limits.open);
  }
  page.sections = number;
  return html;
}

void RenderMatrix(Html& html, const Arranged& page, size_t begin, size_t end,
                  const ReportLimits& limits) {
  if (begin == end) return;
  const size_t last = std::min(end, begin + limits.rows);
  RenderMatrixTable(html, page, begin, last);
  RenderLeftOut(html, end - last, "workload with less risk is counted above, but not shown.",
                "workloads with less risk are counted above, but not shown.");
}

void RenderMatrices(Html& html, const Arranged& page, const ReportLimits& limits) {
  const size_t all = page.report.workloads.size();
  if (page.containers > 0) html.Leaf("h2", {}, "Containers");
  if (page.containers > 0)
    html.Leaf(
        "p", {{"class", "lead"}},
        "One row for each workload, in bands by the most dangerous capability that it can use "
        "and was not seen to need. Risk is the sum of the weights of all of these.");
  RenderMatrix(html, page, 0, page.containers, limits);
  if (all > page.containers) {
    html.Leaf("h2", {}, "Host and units");
    html.Leaf("p", {{"class", "lead"}},
              "What is no container: units of systemd, sessions, and the rest of the machine. They "
              "usually hold every capability that is not taken from them.");
  }
  RenderMatrix(html, page, page.containers, all, limits);
}

void RenderWithout(Html& html, const Arranged& page) {
  size_t without = 0;
  for (size_t number = 0; number < page.report.workloads.size(); ++number)
    if (!page.HasSection(number)) ++without;
  RenderLeftOut(html, without, "workload has no details here.", "workloads have no details here.");
  if (without > 0)
    html.Leaf("p", {{"class", "note"}},
              "They ended meanwhile, or the page would be too long; use capmon profile NAME.");
}

void RenderBody(Html& html, Arranged& page, const ReportLimits& limits) {
  const SharedNotes notes(page);
  Html sections = Sections(page, notes, limits);
  RenderTop(html, page.report);
  const auto main = html.In("main");
  if (page.report.workloads.empty()) {
    html.Leaf("p", {{"class", "note"}}, "capmond has seen no container yet.");
    return;
  }
  RenderAnswers(html, page, limits.answers);
  RenderChanges(html, page, limits.changes);
  RenderTiles(html, page);
  RenderMatrices(html, page, limits);
  RenderAllLosses(html, page.report.status);
  notes.Render(html, page);
  html.Leaf("h2", {}, page.containers > 0 ? "Details" : "Details of host and units");
  html.Insert(std::move(sections));
  RenderWithout(html, page);
}

}  // namespace

std::string RenderReport(Findings report, const ReportLimits& limits) {
  Arranged page = Arrange(std::move(report));
  Html html;
  html.Verbatim("<!DOCTYPE html>\n");
  {
    const auto root = html.In("html", {{"lang", "en"}});
    RenderHead(html, page.report.status);
    html.Newline();
    const auto body = html.In("body");
    RenderBody(html, page, limits);
    html.Leaf("footer", {},
              "A capability that was not checked while capmon watched may still be needed. capmon "
              "keeps what it cannot decide and marks as unknown what the evidence cannot show; see "
              "docs/verdicts.md.");
  }
  html.Newline();
  return html.Take();
}

}  // namespace capmon
