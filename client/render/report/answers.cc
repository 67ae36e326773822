// SPDX-License-Identifier: Apache-2.0
// The worst findings, above everything else.
#include <algorithm>
#include <climits>
#include <map>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/artefact/about.h"
#include "client/render/report/parts.h"
#include "client/render/report/settings.h"
#include "daemon/model/capability_facts.h"
#include "daemon/model/loss.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr size_t kNamed = 3;  // capabilities, before "and 12 more"

// A finding; sentences are written only for those that are shown.
struct Answer {
  enum class Topic { kHealth, kLosses, kExcess, kDenied, kNotKnown };
  Topic topic;
  Band band;
  bool aside = false;  // not about a container
  int risk = 0;
  size_t number = 0;  // the workload
};

// What a finding says. `about` continues the name of the workload.
struct Sentences {
  std::string about, fix;
  std::string target, target_text;  // a link after the fix
};

std::string Sentence(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(text[0]);
  return text.empty() || text.ends_with('.') ? text : text + ".";
}

// "SYS_ADMIN, SYS_MODULE, SYS_RAWIO and 35 more capabilities"
std::string FirstOf(CapabilitySet set) {
  std::vector<Capability> names = ByWeight(set);
  if (names.size() <= kNamed + 1) return JoinNames(names, " and ");
  const size_t more = names.size() - kNamed;
  names.resize(kNamed);
  return absl::StrCat(JoinNames(names, ", "), " and ", more, " more capabilities");
}

// The denied capabilities without which calls are known to have failed.
CapabilitySet Missing(const ReportedWorkload& workload) {
  CapabilitySet missing;
  if (workload.profile)
    for (const v1::CapabilityVerdict& verdict : workload.profile->capabilities())
      if (const auto known = ParseCapability(verdict.capability());
          known && ParseVerdict(verdict.verdict()) == Verdict::kMissing)
        missing.Add(*known);
  return missing & workload.row.denied;
}

Sentences AboutHealth(const v1::Status& status) {
  return {absl::StrCat("capmond is not healthy, so this page may miss or misplace evidence. ",
                       Sentence(status.health().reason())),
          "See capmond's log; capmon doctor says what to change.", "", ""};
}

Sentences AboutAllLosses(const v1::Status& status) {
  const std::map<std::string, uint64_t> lost(status.lost().begin(), status.lost().end());
  std::string cause;
  for (const auto& [name, count] : lost)
    if (KindOfLoss(name) == LossKind::kEvidence && (cause.empty() || count > lost.at(cause)))
      cause = name;
  const std::string remedy = RemedyForLoss(cause);
  return {absl::StrCat(Counted(LossesOfKind(lost, LossKind::kEvidence), "check was", "checks were"),
                       " lost: what is called not needed may be needed. Most: ",
                       std::string(FactsOfLoss(cause).meaning), "."),
          remedy.empty() ? "Restart the workloads concerned, so that they are seen again; see the"
                         : absl::StrCat(Sentence(remedy), " See the"),
          kAllLossesId, "lost evidence"};
}

// "Drop 12 capabilities", after what has to be done before.
std::string FixOfExcess(const v1::Profile& profile) {
  const std::string drop = Counted(static_cast<uint64_t>(profile.recommendation().remove_size()),
                                   "capability", "capabilities");
  const std::string why = WhyIncomplete(profile.confidence());
  if (why.empty()) return absl::StrCat("Drop ", drop);
  return absl::StrCat("The evidence is incomplete: ", why, ". ", Sentence(RemedyFor(profile)),
                      " Then drop ", drop);
}

Sentences AboutExcess(const Arranged& page, size_t number) {
  const ReportedWorkload& workload = page.report.workloads[number];
  const CapabilitySet usable = workload.row.unused() & workload.row.reachable;
  const CapabilitySet excess =
      usable.empty() ? workload.row.unused() & workload.row.raisable : usable;
  const CapabilityFacts& worst = FactsOf(ByWeight(excess).front());
  Sentences said;
  said.about = absl::StrCat(" can use ", FirstOf(excess),
                            usable.empty() ? " through a set-user-ID program, if it has one," : "",
                            " and was not seen to need ", excess.size() == 1 ? "it" : "them", ". ",
                            ShortCapabilityName(worst.capability), ": ", worst.reason);
  if (!page.HasSection(number)) {
    said.fix = absl::StrCat("See capmon profile ", workload.row.name, ".");
    return said;
  }
  const std::vector<ReadySettings> settings = SettingsFor(*workload.profile);
  said.fix =
      absl::StrCat(FixOfExcess(*workload.profile), settings.empty() ? "; see the" : " with the");
  said.target = settings.empty() ? SectionId(number) : SettingsId(number, settings[0].kind);
  said.target_text =
      settings.empty() ? "verdicts" : absl::StrCat("settings for ", settings[0].title);
  return said;
}

Sentences AboutDenial(const Arranged& page, size_t number) {
  const ReportedWorkload& workload = page.report.workloads[number];
  const CapabilitySet missing = Missing(workload);
  const CapabilitySet denied = missing.empty() ? workload.row.denied : missing;
  const std::string name = ShortCapabilityName(ByWeight(denied).front());
  Sentences said;
  said.about =
      absl::StrCat(" was denied ", FirstOf(denied), ", and system calls failed because of ",
                   missing.empty() ? "that, or may have." : "that.");
  said.fix = absl::StrCat("If it should do this, add ", denied.size() == 1 ? name : "them",
                          "; otherwise nothing is to do.");
  if (page.HasSection(number)) {
    said.fix += " See the";
    said.target = VerdictId(number, name);
    said.target_text = absl::StrCat("verdict on ", name);
  }
  return said;
}

Sentences AboutNotKnown(const Arranged& page, size_t number) {
  const ReportedWorkload& workload = page.report.workloads[number];
  Sentences said{" holds capabilities of which it is not known whether they are needed", "", "",
                 ""};
  if (!workload.row.summary.held_known()) said.about = " holds capabilities that could not be read";
  if (!workload.profile) return said;
  const std::string& reason = workload.profile->recommendation().unknown_reason();
  absl::StrAppend(&said.about, reason.empty() ? "" : ", since ", reason, ".");
  said.fix = Sentence(RemedyFor(*workload.profile));
  return said;
}

Sentences Say(const Arranged& page, const Answer& answer) {
  switch (answer.topic) {
    case Answer::Topic::kHealth: return AboutHealth(page.report.status);
    case Answer::Topic::kLosses: return AboutAllLosses(page.report.status);
    case Answer::Topic::kExcess: return AboutExcess(page, answer.number);
    case Answer::Topic::kDenied: return AboutDenial(page, answer.number);
    case Answer::Topic::kNotKnown: break;
  }
  return AboutNotKnown(page, answer.number);
}

void AddOfWorkload(const Arranged& page, size_t number, std::vector<Answer>& all) {
  const ReportedWorkload& workload = page.report.workloads[number];
  const std::string& kind = workload.row.summary.container().kind();
  if (kind == "host" || kind == "session") return;  // no setting changes what these hold
  const bool aside = number >= page.containers;
  const Band band = page.bands[number];
  if (band < Band::kUnknown)
    all.push_back({Answer::Topic::kExcess, band, aside, workload.row.risk, number});
  else if (band == Band::kUnknown)
    all.push_back({Answer::Topic::kNotKnown, band, aside, 0, number});
  if (!workload.row.denied.empty())
    all.push_back({Answer::Topic::kDenied, Missing(workload).empty() ? Band::kMedium : Band::kHigh,
                   aside, WeightOf(workload.row.denied), number});
}

// Worst first. What is no container comes last.
std::vector<Answer> AllAnswers(const Arranged& page) {
  std::vector<Answer> all;
  const v1::Status& status = page.report.status;
  if (status.has_health() && !status.health().serving())
    all.push_back({.topic = Answer::Topic::kHealth, .band = Band::kCritical, .risk = INT_MAX});
  if (LostEvidence({status.lost().begin(), status.lost().end()}))
    all.push_back({.topic = Answer::Topic::kLosses, .band = Band::kHigh, .risk = INT_MAX});
  for (size_t number = 0; number < page.report.workloads.size(); ++number)
    AddOfWorkload(page, number, all);
  std::ranges::stable_sort(all, [](const Answer& a, const Answer& b) {
    return std::tuple(a.aside, a.band, -a.risk) < std::tuple(b.aside, b.band, -b.risk);
  });
  return all;
}

void RenderAnswer(Html& html, const Arranged& page, const Answer& answer) {
  const Sentences said = Say(page, answer);
  const auto item = html.In("li", {{"class", Name(answer.band)}});
  {
    const auto text = html.In("p");
    RenderBand(html, answer.band);
    html.Text(" ");
    if (said.about.starts_with(' ')) RenderNameLink(html, page, answer.number);
    html.Text(said.about);
  }
  if (said.fix.empty()) return;
  const auto fix = html.In("p", {{"class", "fix"}});
  html.Leaf("strong", {}, "Fix");
  html.Text(" " + said.fix);
  if (said.target.empty()) return;
  html.Text(" ");
  html.Leaf("a", {{"href", "#" + said.target}}, said.target_text);
  html.Text(".");
}

}  // namespace

void RenderAnswers(Html& html, const Arranged& page, size_t most) {
  const std::vector<Answer> all = AllAnswers(page);
  const auto section = html.In("section", {{"class", "answers"}});
  html.Leaf("h2", {}, all.empty() ? "Nothing to fix" : "Fix first");
  if (all.empty()) {
    html.Leaf("p", {{"class", "lead"}},
              "No workload can use a capability that it was not seen to need, and none was denied "
              "one that it needs.");
    return;
  }
  const size_t shown = std::min(most, all.size());
  {
    const auto list = html.In("ol");
    for (size_t at = 0; at < shown; ++at) RenderAnswer(html, page, all[at]);
  }
  if (all.size() > shown)
    html.Leaf("p", {{"class", "lead"}},
              absl::StrCat("And ", Counted(all.size() - shown, "finding", "findings"),
                           " of the same or less weight, in the tables below."));
  html.Newline();
}

}  // namespace capmon
