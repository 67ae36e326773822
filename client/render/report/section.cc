// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

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

void RenderHeading(Html& html, const ReportedContainer& container) {
  const v1::Container& subject = container.row.summary.container();
  const std::string& state = container.profile->confidence().state();
  const auto summary = html.In("summary");
  {
    const auto heading = html.In("h3");
    html.Leaf("bdi", {}, container.row.name);
  }
  html.Leaf("span", {{"class", "risk"}},
            container.row.summary.held_known() ? absl::StrCat("risk ", container.row.RiskText())
                                               : std::string("held: not known"));
  html.Leaf("span", {{"class", state == "learning" ? "state learning" : "state"}},
            subject.has_ended() ? state + ", ended" : state);
  html.Leaf("span", {{"class", "about"}},
            absl::StrJoin({subject.image(), subject.runtime(), subject.kind()}, " "));
}

void RenderKept(Html& html, CapabilitySet kept) {
  const auto list = html.In("p", {{"class", "names"}});
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

void RenderVerdict(Html& html, const v1::CapabilityVerdict& verdict, size_t number) {
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
            absl::StrCat(Grouped(count), count == 1 ? " check" : " checks"));
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
      RenderVerdict(html, verdict, number);
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

void RenderAdvice(Html& html, const v1::Recommendation& advice) {
  const auto list = html.In("dl");
  RenderTerm(html, "No new privileges",
             Because(advice.no_new_privileges(), advice.no_new_privileges_reason()));
  RenderTerm(html, "Without root", Because(advice.non_root(), advice.non_root_reason()));
  for (const std::string& warning : advice.warnings()) RenderTerm(html, "Warning", warning);
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

void RenderSettings(Html& html, const v1::Profile& profile) {
  const std::vector<ReadySettings> all = SettingsFor(profile);
  if (all.empty()) return;
  const auto box = html.In("div", {{"class", "settings"}});
  for (const ReadySettings& settings : all) {
    const auto figure = html.In("figure");
    html.Leaf("figcaption", {}, settings.title);
    const auto pre = html.In("pre");
    // Escaping would replace newlines, so each line is a text of its own.
    const std::vector<std::string> lines = absl::StrSplit(settings.text, '\n', absl::SkipEmpty());
    for (const std::string& line : lines) RenderLine(html, line);
  }
}

void RenderConfidence(Html& html, const v1::Profile& profile) {
  const v1::Confidence& confidence = profile.confidence();
  const auto list = html.In("dl", {{"class", "confidence"}});
  RenderTerm(
      html, "Learned",
      absl::StrCat(Duration(confidence.observed_seconds()), ", ", Grouped(confidence.starts()),
                   confidence.starts() == 1 ? " start" : " starts",
                   " seen from the first instruction; ", confidence.state()));
  RenderTerm(html, "Checks lost",
             confidence.lost() == 0
                 ? std::string("none")
                 : absl::StrCat(Grouped(confidence.lost()), ": ", CostOf(LossKind::kEvidence)));
  if (confidence.outcomes_unknown() > 0)
    RenderTerm(
        html, "Outcomes unknown",
        absl::StrCat(Grouped(confidence.outcomes_unknown()), ": ", CostOf(LossKind::kOutcome)));
  if (confidence.details_lost() > 0)
    RenderTerm(html, "Details lost",
               absl::StrCat(Grouped(confidence.details_lost()), ": ", CostOf(LossKind::kDetail)));
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
  for (const std::string& spot : confidence.blind_spots()) RenderTerm(html, "Blind spot", spot);
}

}  // namespace

std::string SectionId(size_t number) { return absl::StrCat("w", number); }

std::string VerdictId(size_t number, const std::string& short_name) {
  return absl::StrCat("w", number, "-", short_name);
}

void RenderSection(Html& html, const ReportedContainer& container, size_t number, bool open) {
  const v1::Profile& profile = *container.profile;
  const auto section = open ? html.In("details", {{"id", SectionId(number)}, {"open", ""}})
                            : html.In("details", {{"id", SectionId(number)}});
  RenderHeading(html, container);
  RenderKept(html, SetOf(profile.recommendation().keep()));
  const CapabilitySet unchecked = NeverChecked(profile);
  RenderListed(html, "Remove", SetOf(profile.recommendation().remove()), unchecked, number);
  if (!profile.recommendation().unknown().empty())
    RenderListed(html, "Unknown", SetOf(profile.recommendation().unknown()), unchecked, number);
  RenderVerdicts(html, profile, number);
  RenderAdvice(html, profile.recommendation());
  RenderSettings(html, profile);
  RenderConfidence(html, profile);
  html.Newline();
}

}  // namespace capmon
