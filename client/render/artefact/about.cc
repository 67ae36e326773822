// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/about.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "daemon/profile/verdict_traits.h"
#include "generated/version.h"

namespace capmon {
namespace {

constexpr size_t kWidth = 98;  // beside "# "

std::string Source(const v1::Profile& profile) {
  const std::string& image = profile.container().image();
  return absl::StrCat("Learned by capmon " CAPMON_VERSION " from ",
                      DisplayName(profile.container()),
                      image.empty() ? "" : absl::StrCat(", image ", image), ".");
}

std::string Observation(const v1::Confidence& confidence) {
  return absl::StrCat("Observed for ", Duration(confidence.observed_seconds()), ", ",
                      Grouped(confidence.starts()), confidence.starts() == 1 ? " start" : " starts",
                      ", ", Grouped(confidence.lost()), " lost, by ", OrDash(confidence.backend()),
                      "; confidence: ", OrDash(confidence.state()), ".");
}

std::string Denied(const v1::Profile& profile) {
  CapabilitySet refused;
  for (const v1::CapabilityVerdict& verdict : profile.capabilities())
    if (ParseVerdict(verdict.verdict()) == Verdict::kMissing && !verdict.keep())
      if (const auto c = ParseCapability(verdict.capability())) refused.Add(*c);
  if (refused.empty()) return "";
  return absl::StrCat(
      "Denied while observed, and not added: ", absl::StrJoin(BareNames(refused), ", "), ".");
}

// "Tried on 2026-01-31 (check: curl x): needs CHOWN; does not need KILL."
std::string Proven(const v1::Profile& profile) {
  constexpr size_t kDay = 10;
  std::map<std::string, std::pair<CapabilitySet, CapabilitySet>> found;  // by day and check
  for (const v1::CapabilityVerdict& verdict : profile.capabilities()) {
    const v1::Proof& proof = verdict.proof();
    const auto c = ParseCapability(verdict.capability());
    if (!c || !proof.withdrawn().empty()) continue;
    const std::string trial =
        absl::StrCat(FormatTime(proof.at()).substr(0, kDay),
                     proof.check().empty() ? "" : absl::StrCat(" (check: ", proof.check(), ")"));
    if (proof.finding() == "needed") found[trial].first.Add(*c);
    if (proof.finding() == "unneeded") found[trial].second.Add(*c);
  }
  std::vector<std::string> sentences;
  for (const auto& [trial, sets] : found) {
    std::vector<std::string> parts;
    if (!sets.first.empty())
      parts.push_back(absl::StrCat("needs ", absl::StrJoin(BareNames(sets.first), ", ")));
    if (!sets.second.empty())
      parts.push_back(absl::StrCat("does not need ", absl::StrJoin(BareNames(sets.second), ", ")));
    sentences.push_back(absl::StrCat("Tried on ", trial, ": ", absl::StrJoin(parts, "; "), "."));
  }
  return absl::StrJoin(sentences, " ");
}

bool RanInPlace(const v1::Container& container, Place place) {
  switch (place) {
    case Place::kDocker: return container.runtime() == "docker" && container.pod().empty();
    case Place::kPodman: return container.runtime() == "podman";
    case Place::kKubernetes: return !container.pod().empty();
    case Place::kSystemd: return container.kind() == "unit";
    case Place::kAnywhere: break;
  }
  return false;
}

std::string NoteOnNames(const ArtefactInput& input, const Kind& kind) {
  const CapabilitySet young = input.keep & kNamesOf2020;
  if (young.empty() || !(kind.means & kGrantsCapabilities)) return "";
  return absl::StrCat(absl::StrJoin(BareNames(young), ", "), " came with Linux 5.8 and 5.9: ",
                      kind.place == Place::kDocker
                          ? "Docker before 23 rejects these names"
                          : "older kernels, engines and tools do not know these names");
}

std::string NoteOnUser(const ArtefactInput& input, const Kind& kind) {
  if (!input.starts_unprivileged() || input.keep.empty() || !(kind.means & kGrantsCapabilities))
    return "";
  const std::string start = absl::StrCat("it starts as user ", *input.uid, ": ");
  if (!(kind.means & kSetsAmbient))
    return absl::StrCat(start,
                        "added capabilities are not effective; only programs with a set-user-ID "
                        "bit or file capabilities can use them");
  const CapabilitySet rest = input.keep - input.ambient;
  if (rest.empty()) return "";
  return absl::StrCat(
      start, absl::StrJoin(BareNames(rest), ", "),
      " was not ambient; only programs with a set-user-ID bit or file capabilities can use it");
}

std::string NoteOnPrivileges(const ArtefactInput& input, const Kind& kind) {
  if (input.no_new_privileges || !(kind.means & kLimitsPrivileges)) return "";
  const std::string& reason = input.profile.recommendation().no_new_privileges_reason();
  return absl::StrCat("no-new-privileges is left out",
                      reason.empty() ? "" : absl::StrCat(": ", reason));
}

std::string NoteOnPrivileged(const ArtefactInput& input, const Kind& kind) {
  if (!input.maybe_privileged() || !(kind.means & kGrantsCapabilities)) return "";
  const char* const means =
      "also opens every device, makes /sys and /proc/sys writable and disables the engine's "
      "seccomp and AppArmor profiles";
  if (input.was_privileged)
    return absl::StrCat("it ran privileged, which ", means,
                        "; capmon did not judge whether it needs that");
  return absl::StrCat("it held all capabilities; whether it ran privileged, which ", means,
                      ", was not seen");
}

std::string NoteOnUnknown(const ArtefactInput& input, const Kind&) {
  if (input.unknown.empty()) return "";
  return absl::StrCat("whether it needs ", absl::StrJoin(BareNames(input.unknown), ", "),
                      " is unknown, so the settings keep it");
}

std::string NoteOnNamespace(const ArtefactInput& input, const Kind& kind) {
  if (input.profile.held().userns_level() == 0 || !(kind.means & kGrantsCapabilities)) return "";
  return "it ran in a user namespace, and its capabilities count only there: outside of one the "
         "same settings give more";
}

std::vector<std::string> Notes(const ArtefactInput& input, const Kind& kind) {
  std::vector<std::string> notes;
  if (const std::string why = WhyIncomplete(input.profile.confidence()); !why.empty())
    notes.push_back(absl::StrCat("the evidence is incomplete: ", why));
  for (const auto of : {NoteOnUnknown, NoteOnNames, NoteOnUser, NoteOnPrivileges, NoteOnPrivileged,
                        NoteOnNamespace})
    if (const std::string note = of(input, kind); !note.empty()) notes.push_back(note);
  if (!RanInPlace(input.profile.container(), kind.place))
    for (const std::string& warning : input.profile.recommendation().warnings())
      notes.push_back(warning);
  return notes;
}

}  // namespace

std::vector<std::string> About(const ArtefactInput& input, const Kind& kind,
                               const std::vector<std::string>& own_notes) {
  std::vector<std::string> sentences = {Source(input.profile),
                                        Observation(input.profile.confidence()),
                                        Denied(input.profile), Proven(input.profile)};
  std::vector<std::string> notes = Notes(input, kind);
  notes.insert(notes.begin(), own_notes.begin(), own_notes.end());
  for (const std::string& note : notes) sentences.push_back(absl::StrCat("Note: ", note, "."));
  std::vector<std::string> lines;
  for (const std::string& sentence : sentences) {
    if (sentence.empty()) continue;
    for (const std::string& line : Wrapped(Printable(sentence), kWidth))
      lines.push_back(absl::StrCat("# ", line));
  }
  return lines;
}

std::string WhyIncomplete(const v1::Confidence& confidence) {
  const bool learning = !IsStable(confidence);
  if (!learning && confidence.lost() == 0) return "";
  std::vector<std::string> reasons(confidence.open_conditions().begin(),
                                   confidence.open_conditions().end());
  const bool named = !reasons.empty();
  if (!named && learning) reasons.emplace_back("it is still learning");
  if (!named && confidence.lost() > 0)
    reasons.push_back(absl::StrCat(Grouped(confidence.lost()), " lost"));
  return absl::StrJoin(reasons, ", and ");
}

namespace {

// By capmond's word, the first of what is open.
bool WasOnlyRestarted(const v1::Confidence& confidence) {
  return confidence.open_conditions_size() > 0 &&
         confidence.open_conditions(0).starts_with("it was only restarted");
}

}  // namespace

std::string RemedyFor(const v1::Profile& profile) {
  if (profile.container().kind() == "host") return "profile its units and containers one by one";
  if (profile.container().has_ended()) return "start it again";
  const bool start_is_over = !profile.recommendation().unknown_reason().empty() ||
                             profile.confidence().starts() == 0 || profile.confidence().lost() > 0;
  if (!start_is_over)
    return WasOnlyRestarted(profile.confidence()) ? "recreate it" : "let it run longer, and use it";
  // A restarted container keeps its files, which does not show what it does with new ones.
  const std::string& runtime = profile.container().runtime();
  return runtime == "docker" || runtime == "podman" ? "recreate it, or at least restart it"
                                                    : "restart it";
}

}  // namespace capmon
