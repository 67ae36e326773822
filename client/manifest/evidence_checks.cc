// SPDX-License-Identifier: Apache-2.0
// What the evidence says against a container's settings.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/manifest/check.h"
#include "client/manifest/grants.h"

namespace capmon {
namespace {

using Names = std::vector<std::string>;

CapabilitySet SetOfNames(const FindingsByName& findings) {
  CapabilitySet set;
  for (const auto& [name, finding] : findings)
    if (const auto capability = ParseCapability(name)) set.Add(*capability);
  return set;
}

std::string Listed(CapabilitySet set) {
  Names names;
  for (const Capability c : set.members()) names.push_back(ShortCapabilityName(c));
  std::ranges::sort(names);
  return absl::StrJoin(names, ", ");
}

class EvidenceCheck {
 public:
  EvidenceCheck(const ManifestContainer& container, const KnownNeeds& known,
                const CheckOptions& options, ManifestFindings& findings)
      : container_(container),
        known_(known),
        summary_(known.summary),
        findings_(findings),
        grants_(GrantsOf(container, options.runtime)),
        needs_(SetOfNames(known.summary.needs)),
        unknown_(options.assume_unused ? CapabilitySet() : SetOfNames(known.summary.unknown)) {}

  void Run() {
    if (IsKnown(container_)) {
      CheckLacks();
      CheckGrants();
    }
    CheckPrivileged();
    CheckEscalation();
    CheckUser();
    for (const std::string& warning : summary_.warnings)
      Report(Rule::kSurroundings, FindingLevel::kNote, container_.place, warning);
  }

 private:
  bool privileged() const { return container_.privileged.value == true; }
  bool compose() const { return container_.origin == ManifestContainer::Origin::kCompose; }

  void Report(Rule rule, FindingLevel level, TextPlace place, std::string message) {
    findings_.push_back({rule, level, place, std::move(message)});
  }

  // "required, in 2 of 3 instances"
  std::string EvidenceFor(Capability capability) const {
    const auto found = summary_.needs.find(ShortCapabilityName(capability));
    if (found == summary_.needs.end()) return "";
    if (found->second.instances == 0) return "declared by hand";
    return absl::StrCat(WordFor(found->second), ", in ", found->second.instances, " of ",
                        summary_.instances, summary_.instances == 1 ? " instance" : " instances");
  }

  // The word that takes it away or does not give it, else the list that does not give it, else the
  // container.
  TextPlace PlaceOfLack(Capability capability) const {
    for (const auto* words : {&container_.drop, &container_.add})
      for (const Word& word : *words)
        if (CapabilityOf(word) == capability) return word.place;
    if (container_.adds.value) return container_.adds.place;
    for (const Word& word : container_.drop)
      if (IsAll(word)) return word.place;
    return container_.drops.value ? container_.drops.place : container_.place;
  }

  void CheckLacks() {
    for (const Capability c : (needs_ - grants_.possible).members())
      Report(Rule::kLacks, FindingLevel::kError, PlaceOfLack(c),
             absl::StrCat("lacks ", ShortCapabilityName(c), ", which it needs (", EvidenceFor(c),
                          ")"));
    for (const Capability c : (needs_ & (grants_.possible - grants_.sure)).members())
      Report(Rule::kLacksByRuntime, FindingLevel::kWarning, PlaceOfLack(c),
             absl::StrCat("needs ", ShortCapabilityName(c), " (", EvidenceFor(c),
                          "), and whether it gets that depends on the runtime: write ",
                          ShortCapabilityName(c), " under add"));
    for (const Capability c : (unknown_ - needs_ - grants_.possible).members())
      Report(Rule::kDropsUnknown, FindingLevel::kWarning, PlaceOfLack(c),
             absl::StrCat("lacks ", ShortCapabilityName(c),
                          ", and whether it needs that is unknown: ", known_.grounds));
  }

  // A capability that is there by its own word is reported at that word, all others together.
  void CheckGrants() {
    if (privileged()) return;
    // What it was denied while observed may be added for good reason.
    const CapabilitySet denied = SetOfNames(summary_.denied);
    const CapabilitySet beyond = grants_.possible - needs_ - unknown_ - denied;
    CapabilitySet named;
    for (const Word& word : container_.add) {
      const auto capability = CapabilityOf(word);
      if (!capability || !beyond.Has(*capability) || named.Has(*capability)) continue;
      named.Add(*capability);
      ReportGrant(word.place, CapabilitySet{*capability}, "adds ");
    }
    const CapabilitySet rest = beyond - named;
    if (rest.empty()) return;
    for (const Word& word : container_.add)
      if (IsAll(word)) return ReportGrant(word.place, rest, "adds ALL, and with it ");
    const TextPlace place = container_.drops.value ? container_.drops.place : container_.place;
    ReportGrant(place, rest, "gets by default, since it does not drop ALL, ");
  }

  void ReportGrant(TextPlace place, CapabilitySet set, const char* verb) {
    if (known_.settled)
      Report(Rule::kUnneeded, FindingLevel::kWarning, place,
             absl::StrCat(verb, Listed(set), ", which it does not need"));
    else
      Report(Rule::kNotSeenYet, FindingLevel::kNote, place,
             absl::StrCat(verb, Listed(set),
                          ", which was not seen in use; the evidence is "
                          "incomplete: ",
                          known_.grounds));
  }

  void CheckPrivileged() {
    if (!privileged()) return;
    const std::string needs = needs_.empty() ? "no capability" : Listed(needs_);
    if (summary_.privileged)
      Report(Rule::kPrivileged, FindingLevel::kNote, container_.privileged.place,
             absl::StrCat("is privileged, as it was while observed; of capabilities it needs ",
                          needs, ", and whether it needs devices was not judged"));
    else
      Report(Rule::kPrivileged, known_.settled ? FindingLevel::kWarning : FindingLevel::kNote,
             container_.privileged.place,
             absl::StrCat("is privileged, and was not while observed; it needs ", needs));
  }

  void CheckEscalation() {
    const char* const setting =
        compose() ? "no-new-privileges:true" : "allowPrivilegeEscalation: false";
    const std::optional<bool>& allowed = container_.escalation.value;
    if (allowed == false && summary_.no_new_privileges == "unsafe")
      Report(Rule::kEscalationNeeded, FindingLevel::kError, container_.escalation.place,
             absl::StrCat(setting, " breaks programs that gain privileges, and such were seen"));
    if (allowed == false || privileged() || summary_.no_new_privileges != "safe") return;
    const bool firm = allowed == true && known_.settled;
    Report(Rule::kEscalationAllowed, firm ? FindingLevel::kWarning : FindingLevel::kNote,
           allowed ? container_.escalation.place : container_.place,
           absl::StrCat("no program was seen to gain privileges: set ", setting));
  }

  void CheckUser() {
    const std::optional<int64_t>& user = container_.user.value;
    const bool not_root = user ? *user != 0 : container_.non_root.value == true;
    const TextPlace place = user ? container_.user.place : container_.non_root.place;
    if (not_root && summary_.non_root == "unsafe") {
      Report(Rule::kRootNeeded, FindingLevel::kError, place,
             absl::StrCat("a user other than 0 loses ", Listed(needs_),
                          ", which it needed as user 0 while observed"));
      return;
    }
    if (user && *user != 0 && !summary_.started_unprivileged && !needs_.empty() && !privileged())
      Report(Rule::kUserWithout, FindingLevel::kWarning, place,
             absl::StrCat("a user other than 0 gets none of ", Listed(needs_),
                          " but by programs with a set-user-ID bit or file capabilities; that it "
                          "started as such a user was not observed"));
    if (not_root || summary_.non_root != "safe" || !summary_.started_unprivileged) return;
    const bool firm = (user == 0 || container_.non_root.value == false) && known_.settled;
    Report(Rule::kRootAllowed, firm ? FindingLevel::kWarning : FindingLevel::kNote,
           user                        ? place
           : container_.non_root.value ? container_.non_root.place
                                       : container_.place,
           absl::StrCat("ran as a user other than 0 while observed: set ",
                        compose() ? "user" : "runAsNonRoot: true"));
  }

  const ManifestContainer& container_;
  const KnownNeeds& known_;
  const Summary& summary_;
  ManifestFindings& findings_;
  const Grants grants_;
  const CapabilitySet needs_;
  const CapabilitySet unknown_;
};

}  // namespace

void CheckEvidence(const ManifestContainer& container, const KnownNeeds& known,
                   const CheckOptions& options, ManifestFindings& findings) {
  EvidenceCheck(container, known, options, findings).Run();
}

}  // namespace capmon
