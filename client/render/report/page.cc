// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"
#include "client/render/report/style.h"

namespace capmon {
namespace {

constexpr char kCountedOnly[] = "with less risk: counted above, but not shown.";

void RenderHead(Html& html) {
  const auto head = html.In("head");
  html.Void("meta", {{"charset", "utf-8"}});
  html.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", absl::StrCat("default-src 'none'; style-src '", kReportStyleHash,
                                              "'; base-uri 'none'; form-action 'none'")}});
  html.Void("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  html.Void("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  html.Leaf("title", {}, "capmon: capabilities held and used");
  const auto style = html.In("style");
  html.Verbatim(kReportStyle);
}

void RenderTop(Html& html, const Findings& report) {
  const auto header = html.In("header");
  html.Leaf("h1", {}, "Capabilities, held and used");
  const std::string when = absl::FormatTime(
      "%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(report.written), absl::UTCTimeZone());
  html.Leaf(
      "p", {},
      absl::StrCat(when, " · capmon ", report.status.version(), " · watched with ",
                   OrDash(report.status.backend()), " on Linux ", OrDash(report.status.kernel())));
}

// "1 container has ...", "2 containers have ...".
void RenderLeftOut(Html& html, uint64_t count, const char* one, const char* many) {
  if (count == 0) return;
  html.Leaf("p", {{"class", "note"}},
            count == 1 ? absl::StrCat("1 container ", one)
                       : absl::StrCat(Grouped(count), " containers ", many));
}

// Returns how many containers have a section: as many as fit, from the first on.
size_t RenderSections(Html& html, const Findings& report, const ReportLimits& limits) {
  const bool open = report.containers.size() <= limits.open;
  size_t rendered = 0;
  for (; rendered < report.containers.size() && html.size() < limits.bytes; ++rendered) {
    if (!report.containers[rendered].profile) continue;
    RenderSection(html, report.containers[rendered], rendered, open);
  }
  return rendered;
}

void RenderBody(Html& html, const Findings& report, const ReportLimits& limits) {
  const size_t rows = std::min(limits.rows, report.containers.size());
  Html sections;
  const size_t linked = RenderSections(sections, report, limits);
  const auto missing = static_cast<uint64_t>(
      std::count_if(report.containers.begin(), report.containers.begin() + linked,
                    [](const ReportedContainer& container) { return !container.profile; }));
  RenderTop(html, report);
  const auto main = html.In("main");
  RenderTiles(html, report);
  if (report.containers.empty()) {
    html.Leaf("p", {{"class", "note"}}, "capmond has seen no container yet.");
    return;
  }
  html.Leaf("h2", {}, "Held and needed");
  html.Leaf("p", {{"class", "lead"}},
            "Highest risk first. Risk is the sum of the weights of capabilities held and not "
            "needed. Columns go from the most dangerous capability to the least.");
  RenderMatrixTable(html, report, rows, linked);
  RenderLeftOut(html, report.containers.size() - rows, kCountedOnly, kCountedOnly);
  html.Leaf("h2", {}, "One by one");
  html.Insert(std::move(sections));
  const auto without = report.containers.size() - linked + missing;
  RenderLeftOut(html, without, "has no details here.", "have no details here.");
  if (without > 0)
    html.Leaf("p", {{"class", "note"}},
              "They ended meanwhile, or the page would be too long; use capmon profile NAME.");
}

}  // namespace

std::string RenderReport(const Findings& report, const ReportLimits& limits) {
  Html html;
  html.Verbatim("<!DOCTYPE html>\n");
  {
    const auto root = html.In("html", {{"lang", "en"}});
    RenderHead(html);
    html.Newline();
    const auto body = html.In("body");
    RenderBody(html, report, limits);
    html.Leaf("footer", {},
              "A capability that was not checked while capmon watched may still be needed. capmon "
              "keeps what it cannot decide and marks as unknown what the evidence cannot show; see "
              "docs/verdicts.md.");
  }
  html.Newline();
  return html.Take();
}

}  // namespace capmon
