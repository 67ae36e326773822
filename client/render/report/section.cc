// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/render/because.h"
#include "client/render/report/parts.h"
#include "client/render/report/settings.h"
#include "daemon/model/capability_facts.h"
#include "daemon/model/loss.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

// "3 instances, 2 running"; "" for one that runs.
std::string InstancesText(const v1::Workload& workload) {
  if (workload.instances() == 0) return "";
  if (workload.instances() == 1) return workload.running() == 0 ? "ended" : "";
  return absl::StrCat(workload.instances(), " instances, ", workload.running(), " running");
}

void RenderHeading(Html& html, const ReportedWorkload& workload, Band band) {
  const v1::Container& subject = workload.row.summary.container();
  const std::string& state = workload.profile->confidence().state();
  const auto summary = html.In("summary");
  {
    const auto heading = html.In("h3");
    html.Leaf("bdi", {}, workload.row.name);
  }
  RenderBand(html, band);
  html.Leaf("span", {{"class", "risk"}},
            workload.row.summary.held_known() ? absl::StrCat("risk ", workload.row.RiskText())
                                              : std::string("held: not known"));
  html.Leaf("span", {{"class", state == "learning" ? "state learning" : "state"}}, state);
  std::vector<std::string> about;
  for (const std::string& part :
       {subject.image(), subject.runtime(), subject.kind(), InstancesText(workload.workload)})
    if (!part.empty()) about.push_back(part);
  html.Leaf("span", {{"class", "about"}}, absl::StrJoin(about, " · "));
}

// A link to a part of what is folded opens it, but one to the whole does not: it has no id.
void RenderKept(Html& html, CapabilitySet kept, size_t number) {
  const auto list = html.In("p", {{"class", "names first"}, {"id", SectionId(number)}});
  html.Leaf("strong", {}, "Keep");
  if (kept.empty()) html.Text("nothing");
  for (const Capability capability : ByWeight(kept))
    html.Leaf("span", {{"title", FactsOf(capability).reason}}, ShortCapabilityName(capability));
}

// Links to the rows below; capabilities without a row get a tooltip.
void RenderListed(Html& html, const char* title, CapabilitySet listed, CapabilitySet unused,
                  size_t number) {
  const auto list = html.In("p", {{"class", "names remove"}});
  html.Leaf("strong", {}, title);
  if (listed.empty()) html.Text("nothing");
  for (const Capability capability : ByWeight(listed)) {
    const std::string name = ShortCapabilityName(capability);
    const std::string& reason = FactsOf(capability).reason;
    if (unused.Has(capability))
      html.Leaf("span", {{"id", VerdictId(number, name)}, {"title", reason}}, name);
    else
      html.Leaf("span", {{"title", reason}}, name);
  }
}

// Returns capabilities with this verdict and without checks: they share one row.
CapabilitySet NeverChecked(const v1::Profile& profile, Verdict wanted) {
  CapabilitySet unused;
  for (const v1::CapabilityVerdict& verdict : profile.capabilities())
    if (const auto known = ParseCapability(verdict.capability());
        known && verdict.checks() == 0 && ParseVerdict(verdict.verdict()) == wanted)
      unused.Add(*known);
  return unused;
}

CapabilitySet NeverChecked(const v1::Profile& profile) {
  return NeverChecked(profile, Verdict::kUnused) | NeverChecked(profile, Verdict::kUnknown);
}

void RenderVerdict(Html& html, const v1::CapabilityVerdict& verdict, size_t number,
                   uint32_t instances) {
  const std::string name = ShortName(verdict.capability());
  const auto row =
      html.In("tr", {{"id", VerdictId(number, name)}, {"class", verdict.keep() ? "keep" : "drop"}});
  html.Leaf("th", {{"scope", "row"}}, name);
  html.Leaf("td", {{"class", "verdict"}}, verdict.verdict());
  html.Leaf("td", {{"class", "held"}}, verdict.granted() ? "held" : "not held");
  // Checks without a need have no count of their own.
  const bool need = verdict.keep() || verdict.count() > 0;
  const uint64_t count = need ? verdict.count() : verdict.checks();
  html.Leaf("td", {{"class", "count"}},
            absl::StrCat(Counted(count, "check", "checks"),
                         instances > 1 ? absl::StrCat(", in ", verdict.instances_used(), " of ",
                                                      instances, " instances")
                                       : ""));
  html.Leaf("td", {{"class", "why"}}, verdict.reason());
}

// Capabilities without checks share a row.
void RenderNeverChecked(Html& html, CapabilitySet unused, Verdict verdict,
                        const std::string& explanation) {
  if (unused.empty()) return;
  const auto row = html.In("tr", {{"class", "drop"}});
  const CapabilityFacts& worst = FactsOf(ByWeight(unused).front());
  html.Leaf("th", {{"scope", "row"}},
            absl::StrCat(unused.size(), unused.size() == 1 ? " capability" : " capabilities"));
  html.Leaf("td", {{"class", "verdict"}}, Name(verdict));
  html.Leaf("td", {{"class", "held"}}, "held");
  html.Leaf("td", {{"class", "count"}}, "0 checks");
  html.Leaf("td", {{"class", "why"}},
            absl::StrCat(explanation, " ", ShortCapabilityName(worst.capability),
                         " weighs most: ", worst.reason));
}

void RenderVerdicts(Html& html, const v1::Profile& profile, size_t number) {
  if (profile.capabilities().empty()) {
    html.Leaf("p", {}, "No capability was held or checked.");
    return;
  }
  const auto table = html.In("table", {{"class", "verdicts"}});
  {
    const auto head = html.In("thead");
    const auto row = html.In("tr");
    for (const char* title : {"Capability", "Verdict", "Held", "Checks", "Why"})
      html.Leaf("th", {{"scope", "col"}}, title);
  }
  const auto body = html.In("tbody");
  const CapabilitySet unchecked = NeverChecked(profile);
  for (const v1::CapabilityVerdict& verdict : profile.capabilities())
    if (const auto known = ParseCapability(verdict.capability()); !known || !unchecked.Has(*known))
      RenderVerdict(html, verdict, number, profile.workload().instances());
  RenderNeverChecked(html, NeverChecked(profile, Verdict::kUnused), Verdict::kUnused,
                     "Held, never checked.");
  RenderNeverChecked(html, NeverChecked(profile, Verdict::kUnknown), Verdict::kUnknown,
                     absl::StrCat("The evidence cannot show a need: ",
                                  profile.recommendation().unknown_reason(), "."));
}

void RenderTerm(Html& html, const char* term, const std::string& text) {
  html.Leaf("dt", {}, term);
  html.Leaf("dd", {}, text);
}

// Shows the texts of this workload alone, and refers to the notes on several.
void RenderOwn(Html& html, const char* term, const SharedNotes& notes,
               const google::protobuf::RepeatedPtrField<std::string>& texts,
               std::vector<size_t>& shared) {
  for (const std::string& text : texts) {
    if (const size_t number = notes.NumberOf(text); number != 0)
      shared.push_back(number);
    else
      RenderTerm(html, term, text);
  }
}

void RenderReferences(Html& html, const std::vector<size_t>& shared) {
  if (shared.empty()) return;
  html.Leaf("dt", {}, "See");
  const auto all = html.In("dd");
  const char* between = "";
  for (const size_t number : std::set<size_t>(shared.begin(), shared.end())) {
    html.Text(std::exchange(between, ", "));
    html.Leaf("a", {{"href", absl::StrCat("#n", number)}}, absl::StrCat("note ", number));
  }
}

void RenderAdvice(Html& html, const v1::Recommendation& advice, const SharedNotes& notes,
                  std::vector<size_t>& shared) {
  const auto list = html.In("dl");
  RenderTerm(html, "No new privileges",
             Because(advice.no_new_privileges(), advice.no_new_privileges_reason()));
  RenderTerm(html, "Without root", Because(advice.non_root(), advice.non_root_reason()));
  RenderOwn(html, "Warning", notes, advice.warnings(), shared);
}

// Does not break options at their hyphens.
void RenderLine(Html& html, const std::string& line) {
  const char* between = "";
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(line, ' '))) {
    html.Text(std::exchange(between, " "));
    if (word.starts_with("--"))
      html.Leaf("span", {}, word);
    else
      html.Text(word);
  }
  html.Newline();
}

void RenderSettingsLinks(Html& html, const std::vector<ReadySettings>& all, size_t number) {
  if (all.empty()) return;
  const auto line = html.In("p", {{"class", "links"}});
  html.Leaf("strong", {}, "Settings");
  for (const ReadySettings& settings : all) {
    html.Text(" ");
    html.Leaf("a", {{"href", "#" + SettingsId(number, settings.kind)}}, settings.title);
  }
}

void RenderSettings(Html& html, const std::vector<ReadySettings>& all, size_t number) {
  for (const ReadySettings& settings : all) {
    const auto fold = html.In("details", {{"class", "setting"}});
    html.Leaf("summary", {}, absl::StrCat("Settings for ", settings.title));
    const auto pre = html.In("pre", {{"id", SettingsId(number, settings.kind)}});
    // Escaping would replace newlines, so each line is a text of its own.
    const std::vector<std::string> lines = absl::StrSplit(settings.text, '\n', absl::SkipEmpty());
    for (const std::string& line : lines) RenderLine(html, line);
  }
}

// What was lost of this workload, beside the verdicts that it weakens.
void RenderOwnLosses(Html& html, const v1::Confidence& confidence, size_t number) {
  if (confidence.lost() == 0 && confidence.losses().empty() && confidence.gaps().empty()) return;
  const auto box = html.In("div", {{"class", "lost"}, {"id", LossesId(number)}});
  html.Leaf("h4", {},
            confidence.lost() == 0 && confidence.gaps().empty()
                ? "Less precise evidence"
                : "Lost evidence: what is not needed according to this may be needed");
  const auto list = html.In("dl");
  RenderLosses(html, confidence.losses());
  if (confidence.losses().empty() && confidence.lost() > 0)
    RenderTerm(html, "Checks lost",
               absl::StrCat(Grouped(confidence.lost()), ": ", CostOf(LossKind::kEvidence)));
  for (const v1::Gap& gap : confidence.gaps())
    RenderTerm(html, "Not counted",
               absl::StrCat(UtcText(gap.from().seconds()), " to ", UtcText(gap.to().seconds()),
                            gap.reason().empty() ? "" : ": ", gap.reason()));
}

void RenderConfidence(Html& html, const v1::Profile& profile, const SharedNotes& notes,
                      std::vector<size_t>& shared) {
  const v1::Confidence& confidence = profile.confidence();
  const auto list = html.In("dl", {{"class", "confidence"}});
  RenderTerm(
      html, "Learned",
      absl::StrCat(Duration(confidence.observed_seconds()), ", ", Grouped(confidence.starts()),
                   confidence.starts() == 1 ? " start" : " starts",
                   " seen from the first instruction; ", confidence.state()));
  if (confidence.lost() == 0) RenderTerm(html, "Checks lost", "none");
  for (const std::string& condition : confidence.open_conditions())
    RenderTerm(html, "Open", condition);
  RenderTerm(html, "Known sites",
             absl::StrFormat("%.0f %% of its checks were made at call sites in the table",
                             confidence.known_sites() * 100));
  for (const v1::PrivilegeGain& gain : profile.gains())
    RenderTerm(html, "Gain",
               absl::StrCat(gain.path(), gain.blocked() ? " would gain " : " gained ",
                            OrDash(ShortNames(gain.gained())), " by ", gain.how()));
  for (const auto& [name, value] : std::map<std::string, std::string>(
           profile.surroundings().begin(), profile.surroundings().end()))
    RenderTerm(html, "Surroundings", absl::StrCat(name, " = ", value));
  RenderOwn(html, "Blind spot", notes, confidence.blind_spots(), shared);
  RenderReferences(html, shared);
}

}  // namespace

void RenderSection(Html& html, const Arranged& page, const SharedNotes& notes, size_t number,
                   bool open) {
  const ReportedWorkload& workload = page.report.workloads[number];
  const v1::Profile& profile = *workload.profile;
  const auto section = open ? html.In("details", {{"class", "workload"}, {"open", ""}})
                            : html.In("details", {{"class", "workload"}});
  const std::vector<ReadySettings> settings = SettingsFor(profile);
  std::vector<size_t> shared;
  RenderHeading(html, workload, page.bands[number]);
  RenderKept(html, SetOf(profile.recommendation().keep()), number);
  const CapabilitySet unchecked = NeverChecked(profile);
  RenderListed(html, "Remove", SetOf(profile.recommendation().remove()), unchecked, number);
  if (!profile.recommendation().unknown().empty())
    RenderListed(html, "Unknown", SetOf(profile.recommendation().unknown()), unchecked, number);
  RenderSettingsLinks(html, settings, number);
  RenderOwnLosses(html, profile.confidence(), number);
  RenderVerdicts(html, profile, number);
  RenderAdvice(html, profile.recommendation(), notes, shared);
  RenderSettings(html, settings, number);
  RenderConfidence(html, profile, notes, shared);
  html.Newline();
}

}  // namespace capmon
