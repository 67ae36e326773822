// SPDX-License-Identifier: Apache-2.0
// The order of the page, and small things that all its parts write.
#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"

namespace capmon {
namespace {

bool IsOfMachine(const ReportedWorkload& workload) {
  const std::string& kind = workload.row.summary.container().kind();
  return kind == "host" || kind == "unit" || kind == "session";
}

}  // namespace

Arranged Arrange(Findings report) {
  std::vector<Band> bands;
  for (const ReportedWorkload& workload : report.workloads) bands.push_back(BandOf(workload.row));
  std::vector<size_t> order(report.workloads.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    const ReportedWorkload &left = report.workloads[a], &right = report.workloads[b];
    return std::tuple(IsOfMachine(left), bands[a], -left.row.risk, left.row.name) <
           std::tuple(IsOfMachine(right), bands[b], -right.row.risk, right.row.name);
  });
  Arranged page;
  std::vector<ReportedWorkload> workloads;
  for (const size_t at : order) {
    page.bands.push_back(bands[at]);
    if (!IsOfMachine(report.workloads[at])) ++page.containers;
    workloads.push_back(std::move(report.workloads[at]));
  }
  report.workloads = std::move(workloads);
  page.sections = report.workloads.size();
  page.report = std::move(report);
  return page;
}

void RenderBand(Html& html, Band band) {
  html.Leaf("span", {{"class", absl::StrCat("band ", Name(band))}},
            band == Band::kNone ? "no risk" : Name(band));
}

void RenderNameLink(Html& html, const Arranged& page, size_t number) {
  const std::string& name = page.report.workloads[number].row.name;
  if (!page.HasSection(number)) {
    html.Leaf("bdi", {}, name);
    return;
  }
  const auto link = html.In("a", {{"href", "#" + SectionId(number)}});
  html.Leaf("bdi", {}, name);
}

std::string UtcText(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

std::string Counted(uint64_t count, const char* one, const char* many) {
  return absl::StrCat(Grouped(count), " ", count == 1 ? one : many);
}

std::string SectionId(size_t number) { return absl::StrCat("w", number); }

std::string VerdictId(size_t number, const std::string& short_name) {
  return absl::StrCat("w", number, "-", short_name);
}

std::string SettingsId(size_t number, const std::string& kind) {
  return absl::StrCat("w", number, "-as-", kind);
}

std::string LossesId(size_t number) { return absl::StrCat("w", number, "-lost"); }

}  // namespace capmon
