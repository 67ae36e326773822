// SPDX-License-Identifier: Apache-2.0
#include "client/render/profile.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/render/because.h"
#include "daemon/model/loss.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr size_t kNamesWidth = 28;
constexpr size_t kListWidth = 100;
constexpr size_t kShortId = 12;

// Capabilities with equal columns share a row.
struct Row {
  v1::CapabilityVerdict first;
  google::protobuf::RepeatedPtrField<std::string> names;
  uint64_t used = 0;
};

bool IsUnused(const v1::CapabilityVerdict& verdict) {
  return ParseVerdict(verdict.verdict()) == Verdict::kUnused;
}

bool ShareRow(const v1::CapabilityVerdict& a, const v1::CapabilityVerdict& b, bool wide) {
  if (a.verdict() != b.verdict() || a.granted() != b.granted()) return false;
  const bool same = a.reason() == b.reason() && a.instances_used() == b.instances_used() &&
                    a.imported_used() == b.imported_used();
  if (IsUnused(a)) return true;
  // Capabilities without checks have empty columns in -o wide.
  return same && (!wide || (a.checks() == 0 && b.checks() == 0 && !a.keep() && !b.keep()));
}

std::vector<Row> Fold(const v1::Profile& profile, bool wide) {
  std::vector<Row> rows;
  for (const v1::CapabilityVerdict& verdict : profile.capabilities()) {
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return ShareRow(row.first, verdict, wide);
    });
    Row& row = same != rows.end() ? *same : rows.emplace_back(Row{verdict, {}, 0});
    *row.names.Add() = verdict.capability();
    // Checks without a need have no count of their own; shows all of them.
    const bool need = verdict.keep() || verdict.count() > 0;
    row.used += need ? verdict.count() : verdict.checks();
  }
  return rows;
}

std::string Why(const Row& row) {
  const v1::CapabilityVerdict& verdict = row.first;
  if (IsUnused(verdict) && row.names.size() > 1)
    return verdict.granted() ? absl::StrCat(row.names.size(), " granted, never checked")
                             : "never checked";
  std::string why = verdict.reason();
  for (const std::string& narrower : verdict.narrower())
    if (why.find(ShortName(narrower)) == why.npos)
      why = absl::StrCat(why, "; ", ShortName(narrower), " would be enough as well");
  return why;
}

std::string Granted(const v1::Profile& profile, const v1::CapabilityVerdict& verdict) {
  if (verdict.granted()) return "yes";
  return profile.has_held() ? "no" : "?";
}

// "1 of 3", "1 of 3 + 2 of 4 imported"
std::string Users(const v1::CapabilityVerdict& verdict, const v1::Workload& workload) {
  const std::string here = absl::StrCat(verdict.instances_used(), " of ", workload.instances());
  if (workload.imported_instances() == 0) return here;
  return absl::StrCat(here, " + ", verdict.imported_used(), " of ", workload.imported_instances(),
                      " imported");
}

void RenderCapabilities(std::ostream& out, const v1::Profile& profile, const Settings& settings) {
  std::vector<Table::Column> columns = {
      {"CAPABILITY", false, kNamesWidth}, {"VERDICT"}, {"GRANTED"}, {"USED", true}};
  if (settings.wide()) {
    columns.insert(columns.end(), {{"DENIED", true}, {"CHECKS", true}});
    for (const char* title : {"BINARIES", "SYSCALLS", "SITES"})
      columns.push_back({title, false, kNamesWidth});
  }
  const v1::Workload& workload = profile.workload();
  const bool several = workload.instances() + workload.imported_instances() > 1;
  if (several) columns.push_back({"INSTANCES", true});
  columns.push_back({"WHY"});

  Table table(columns);
  for (const Row& row : Fold(profile, settings.wide())) {
    const v1::CapabilityVerdict& verdict = row.first;
    std::vector<std::string> cells = {ShortNames(row.names), verdict.verdict(),
                                      Granted(profile, verdict),
                                      row.used == 0 ? "–" : Grouped(row.used)};
    if (settings.wide()) {
      cells.insert(cells.end(), {Grouped(verdict.denied()), Grouped(verdict.checks())});
      for (const auto* words : {&verdict.binaries(), &verdict.syscalls(), &verdict.sites()})
        cells.push_back(OrDash(Joined(*words)));
    }
    if (several) cells.push_back(Users(verdict, workload));
    cells.push_back(Why(row));
    table.Add(std::move(cells));
  }
  if (table.empty())
    out << "No capability was held or checked.\n";
  else
    table.Print(out, settings.headers, settings.width);
}

// Where lists are printed.
struct ListOutput {
  std::ostream& stream;
  size_t width;
};

// "Keep: A, B", indented over several lines.
void RenderList(const ListOutput& out, const std::string& title, const std::string& text) {
  const std::string indent(Width(title) + 1, ' ');
  const size_t room = out.width - std::min(out.width - 1, indent.size());
  const char* before = "";
  out.stream << title << ' ';
  for (const std::string& line : Wrapped(Printable(text), room)) {
    out.stream << before << line << '\n';
    before = indent.c_str();
  }
}

void RenderRecommendation(const ListOutput& out, const v1::Recommendation& recommendation) {
  const auto names = [](const auto& list) { return list.empty() ? "nothing" : ShortNames(list); };
  RenderList(out, "Keep:", names(recommendation.keep()));
  RenderList(out, "Remove:",
             recommendation.remove().empty()
                 ? "nothing"
                 : absl::StrCat(recommendation.remove_size(), " (",
                                ShortNames(recommendation.remove()), ")"));
  if (!recommendation.unknown().empty())
    RenderList(out, "Unknown:",
               absl::StrCat(recommendation.unknown_size(), " (",
                            ShortNames(recommendation.unknown()), ")"));
  RenderList(
      out, "no-new-privileges:",
      Because(recommendation.no_new_privileges(), recommendation.no_new_privileges_reason()));
  RenderList(out,
             "non-root:", Because(recommendation.non_root(), recommendation.non_root_reason()));
  for (const std::string& warning : recommendation.warnings()) RenderList(out, "Warning:", warning);
}

// A short digest, as Docker prints it.
std::string ShortDigest(const std::string& digest) {
  constexpr size_t kShort = 12;
  const size_t colon = digest.find(':');
  return digest.empty() ? "one not known" : digest.substr(colon + 1, kShort);
}

void RenderComparison(const ListOutput& out, const v1::Profile& profile) {
  const v1::Workload& workload = profile.workload();
  if (workload.of_unknown_image() > 0)
    RenderList(
        out, "Image:",
        absl::StrCat("that of ", workload.of_unknown_image(), " of the instances is not known"));
  if (!profile.has_compared_with()) return;
  const v1::Comparison& before = profile.compared_with();
  const std::string against =
      absl::StrCat(ShortDigest(workload.digest()), " against ", ShortDigest(before.digest()), ": ");
  const std::string added =
      before.added().empty() ? "adds nothing" : absl::StrCat("adds ", ShortNames(before.added()));
  const std::string gone =
      before.gone().empty() ? ""
                            : absl::StrCat("; has not used ", ShortNames(before.gone()), " so far");
  RenderList(out, "New image:", absl::StrCat(against, added, gone));
}

// The user comes first, and the file's name is quoted: a client chooses it, and it could read like
// a user.
void RenderImported(const ListOutput& out, const v1::Workload& workload) {
  for (const v1::ImportedFile& file : workload.imported())
    RenderList(
        out, "Imported:",
        absl::StrCat(
            file.instances(), file.instances() == 1 ? " instance" : " instances",
            file.declared() == 0 ? "" : absl::StrCat(" and ", file.declared(), " declared by hand"),
            " by ", file.by(), " at ", FormatTime(file.at()), ", from ", Quoted(file.file()),
            file.seen_here() == 0
                ? ""
                : absl::StrCat("; ", file.seen_here(), file.seen_here() == 1 ? " was" : " were",
                               " seen here, and not counted again")));
}

// Prints losses that cost no evidence; lost evidence is an open condition.
void RenderLosses(const ListOutput& out, const v1::Confidence& confidence) {
  const std::map<std::string, uint64_t> losses(confidence.losses().begin(),
                                               confidence.losses().end());
  for (const auto& [cause, count] : losses) {
    const LossFacts& facts = FactsOfLoss(cause);
    if (facts.kind == LossKind::kEvidence || count == 0) continue;
    RenderList(out, facts.kind == LossKind::kOutcome ? "Outcomes unknown:" : "Details lost:",
               absl::StrCat(Grouped(count), " (", cause, "): ", std::string(facts.meaning), "; ",
                            CostOf(facts.kind)));
  }
}

// What a person can do, so that less remains unseen; or why nothing is left to do.
void RenderCompleteness(const ListOutput& out, const v1::Profile& profile) {
  const v1::Confidence& confidence = profile.confidence();
  const bool of_image =
      !profile.workload().digest().empty() || profile.container().kind() != "container";
  if (!confidence.approved_by().empty())
    RenderList(
        out, "Approved:",
        absl::StrCat("by ", confidence.approved_by(), " at ", FormatTime(confidence.approved_at()),
                     of_image ? ""
                              : ", for the instances that were started before; their "
                                "image is not known"));
  if (confidence.to_complete_size() > 0)
    RenderList(out, "To be complete:", absl::StrJoin(confidence.to_complete(), "; "));
  if (IsStable(confidence) && !confidence.reload().empty())
    RenderList(out, "Reload:", confidence.reload());
}

void RenderBackground(const ListOutput& out, const v1::Profile& profile) {
  for (const v1::PrivilegeGain& gain : profile.gains())
    RenderList(out, "Gain:",
               absl::StrCat(gain.path(), " ", gain.blocked() ? "would gain " : "gained ",
                            OrDash(ShortNames(gain.gained())), " by ", gain.how(), " (",
                            Grouped(gain.count()), " times)"));
  for (const auto& [name, value] : std::map<std::string, std::string>(
           profile.surroundings().begin(), profile.surroundings().end()))
    RenderList(out, "Surroundings:", absl::StrCat(name, " = ", value));
  if (profile.instances_size() > 1)
    for (const v1::Instance& instance : profile.instances())
      RenderList(out, "Instance:",
                 absl::StrCat(instance.pod().empty() ? "" : absl::StrCat(instance.pod(), "/"),
                              instance.name(), " (", instance.id().substr(0, kShortId), "), ",
                              instance.starts(), instance.starts() == 1 ? " start" : " starts",
                              instance.has_ended() ? ", ended" : ""));
  if (!profile.node().empty()) RenderList(out, "Node:", profile.node());
  if (!profile.workload().cluster().empty())
    RenderList(out, "Cluster:", profile.workload().cluster());
  RenderList(out, "Watched by:", OrDash(profile.confidence().backend()));
  for (const std::string& spot : profile.confidence().blind_spots())
    RenderList(out, "Blind spot:", spot);
}

}  // namespace

void RenderHeading(std::ostream& out, const v1::Container& container,
                   const v1::Confidence& confidence, const v1::Workload& workload, size_t width) {
  const bool several = workload.instances() > 1;
  const std::string name = several ? absl::StrCat(workload.name(), "   ", workload.instances(),
                                                  " instances, ", workload.running(), " running")
                                   : DisplayName(container);
  const std::string image =
      container.image().empty() ? "" : absl::StrCat("   image ", container.image());
  const std::string ended = !several && container.has_ended() ? "   ended" : "";
  const int gap_count = confidence.gaps_size();
  const std::string gaps =
      gap_count == 0 ? "" : absl::StrCat(", ", gap_count, gap_count == 1 ? " gap" : " gaps");
  const char* const starts = confidence.starts() == 1 ? " start, " : " starts, ";
  out << InLines(
      Printable(absl::StrCat(name, image, "   learned ", Duration(confidence.observed_seconds()),
                             ", ", Grouped(confidence.starts()), starts, Grouped(confidence.lost()),
                             " lost", gaps, "   ", confidence.state(), ended)),
      width);
}

void RenderProfile(std::ostream& out, const v1::Profile& profile, const Settings& settings,
                   const std::string& next) {
  if (settings.headers)
    RenderHeading(out, profile.container(), profile.confidence(), profile.workload(),
                  settings.width);
  RenderCapabilities(out, profile, settings);
  const ListOutput lists{out,
                         settings.width == 0 ? kListWidth : std::min(kListWidth, settings.width)};
  RenderRecommendation(lists, profile.recommendation());
  RenderComparison(lists, profile);
  RenderImported(lists, profile.workload());
  RenderLosses(lists, profile.confidence());
  for (const std::string& condition : profile.confidence().open_conditions())
    RenderList(lists, "Open:", condition);
  RenderCompleteness(lists, profile);
  if (settings.wide()) RenderBackground(lists, profile);
  if (!next.empty()) out << "Next: " << Printable(next) << '\n';
}

}  // namespace capmon
