// SPDX-License-Identifier: Apache-2.0
// What changed since a baseline.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"

namespace capmon {
namespace {

constexpr size_t kNamesShown = 200;

using NumbersByName = std::map<std::string, size_t>;

// "NET_RAW" is marked, the rest explains it.
void RenderChange(Html& html, const ReportedChange& change) {
  const bool added = change.kind == ReportedChange::Kind::kNew;
  const bool gone = change.kind == ReportedChange::Kind::kGone;
  const char* const css = !change.decides ? "same" : added ? "added" : gone ? "gone" : "changed";
  const auto item = html.In("li", {{"class", css}});
  html.Leaf("code", {}, absl::StrCat(added ? "+ " : gone ? "− " : "", change.subject));
  if (added)
    html.Text(change.after == "unknown" ? " is held, and whether it is needed is unknown"
                                        : absl::StrCat(" is needed now (", change.after, ")"));
  else if (gone)
    html.Text(change.before == "unknown"
                  ? " was unknown, and is not needed now"
                  : absl::StrCat(" was needed (", change.before, "), and no need is seen now"));
  else
    html.Text(absl::StrCat(": ", OrDash(change.before), " → ", OrDash(change.after)));
}

void RenderKnownName(Html& html, const Arranged& page, const NumbersByName& numbers,
                     const std::string& name) {
  if (const auto found = numbers.find(name); found != numbers.end())
    RenderNameLink(html, page, found->second);
  else
    html.Leaf("bdi", {}, name);
}

void RenderNames(Html& html, const Arranged& page, const NumbersByName& numbers,
                 const std::vector<std::string>& names, const char* what) {
  if (names.empty()) return;
  const auto fold = html.In("details", {{"class", "more"}});
  html.Leaf("summary", {}, absl::StrCat(Counted(names.size(), "workload", "workloads"), " ", what));
  const auto list = html.In("ul");
  for (size_t at = 0; at < std::min(names.size(), kNamesShown); ++at) {
    const auto item = html.In("li");
    RenderKnownName(html, page, numbers, names[at]);
  }
  if (names.size() > kNamesShown)
    html.Leaf("li", {}, absl::StrCat("and ", names.size() - kNamesShown, " more"));
}

void RenderChanged(Html& html, const Arranged& page, const NumbersByName& numbers,
                   const ChangedWorkload& workload) {
  const auto entry = html.In("li");
  RenderKnownName(html, page, numbers, workload.name);
  const auto list = html.In("ul");
  for (const ReportedChange& change : workload.changes) RenderChange(html, change);
}

}  // namespace

void RenderChanges(Html& html, const Arranged& page, size_t most) {
  if (!page.report.since) return;
  const SinceBaseline& since = *page.report.since;
  NumbersByName numbers;
  for (size_t number = 0; number < page.report.workloads.size(); ++number)
    numbers.emplace(page.report.workloads[number].row.name, number);
  const auto section = html.In("section", {{"class", "changes"}, {"id", kChangesId}});
  html.Leaf("h2", {}, absl::StrCat("Changed since ", since.file));
  if (since.changed.empty())
    html.Leaf("p", {{"class", "lead"}}, "No workload needs anything else.");
  const size_t shown = std::min(most, since.changed.size());
  if (shown > 0) {
    const auto list = html.In("ul", {{"class", "changed"}});
    for (size_t at = 0; at < shown; ++at) RenderChanged(html, page, numbers, since.changed[at]);
  }
  if (since.changed.size() > shown)
    html.Leaf("p", {{"class", "note"}},
              absl::StrCat(Counted(since.changed.size() - shown, "more workload", "more workloads"),
                           " changed; capmon diff shows all."));
  RenderNames(html, page, numbers, since.added, "not in the baseline");
  RenderNames(html, page, numbers, since.gone, "only in the baseline");
  html.Newline();
}

}  // namespace capmon
