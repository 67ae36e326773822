// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/check.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/quoted.h"
#include "client/manifest/grants.h"
#include "client/manifest/matching.h"
#include "client/manifest/pod_security.h"

namespace capmon {
namespace {

using Origin = ManifestContainer::Origin;

constexpr size_t kMostObstacles = 8;  // named in one finding

void CheckWord(const Word& word, bool kubernetes, ManifestFindings& findings) {
  if (word.text == "ALL" || (IsAll(word) && !kubernetes)) return;
  const auto capability = CapabilityOf(word);
  if (!capability && !IsAll(word)) {
    findings.push_back(
        {Rule::kUnknownCapability, FindingLevel::kError, word.place,
         absl::StrCat("there is no capability ", Quoted(word.text),
                      absl::EqualsIgnoreCase(word.text, "CAP_ALL") ? ": write ALL" : "")});
    return;
  }
  const std::string name = capability ? ShortCapabilityName(*capability) : "ALL";
  if (kubernetes && word.text != name)
    findings.push_back({Rule::kSpelling, FindingLevel::kWarning, word.place,
                        absl::StrCat("write ", name, " for ", Quoted(word.text),
                                     ": Pod Security compares the text",
                                     HasPrefix(word) ? ", and to containerd, which adds CAP_, it "
                                                       "means nothing"
                                                     : "")});
}

void CheckNames(const ManifestContainer& container, ManifestFindings& findings) {
  for (const auto* words : {&container.add, &container.drop})
    for (const Word& word : *words)
      CheckWord(word, container.origin == Origin::kKubernetes, findings);
}

// Refused by the API server: what is privileged can gain privileges.
void CheckContradictions(const ManifestContainer& container, ManifestFindings& findings) {
  if (container.origin != Origin::kKubernetes) return;
  const bool no_escalation = container.escalation.value == false;
  if (no_escalation && container.privileged.value == true)
    findings.push_back({Rule::kContradiction, FindingLevel::kError, container.escalation.place,
                        "allowPrivilegeEscalation: false contradicts privileged: true"});
  if (container.non_root.value == true && container.user.value == 0)
    findings.push_back({Rule::kContradiction, FindingLevel::kError, container.user.place,
                        "runAsUser: 0 contradicts runAsNonRoot: true, and the container does not "
                        "start"});
}

void CheckPodSecurity(const ManifestContainer& container, CheckedContainer& checked) {
  if (container.origin != Origin::kKubernetes || !IsKnown(container)) return;
  PodSecurityLevel level = LevelOf(container);
  checked.pod_security = level.level;
  if (level.above.empty()) return;
  const size_t more = level.above.size() - std::min(level.above.size(), kMostObstacles);
  level.above.resize(level.above.size() - more);
  checked.findings.push_back(
      {Rule::kPodSecurity, FindingLevel::kNote, container.place,
       absl::StrCat("meets the Pod Security level ", level.level, ", no stricter one because of ",
                    absl::StrJoin(level.above, ", "),
                    more == 0 ? "" : absl::StrCat(" and ", more, " more"))});
}

void CheckAgainstProfile(const ManifestContainer& container, const ProfileSet& profiles,
                         const CheckOptions& options, CheckedContainer& checked) {
  const ProfileMatch match = FindProfile(container, profiles, options.name_space);
  checked.workload = match.workload;
  if (match.workload.empty()) {
    checked.findings.push_back({Rule::kNoProfile, FindingLevel::kNote, container.place,
                                absl::StrCat("was not checked against evidence: ", match.why_not)});
    return;
  }
  KnownNeeds known = {SummaryOf(match.profile), "", false};
  known.grounds = GroundsOf(known.summary);
  // Another image is another program: what the one did not need, the other may.
  if (match.other_image) absl::StrAppend(&known.grounds, ", of another image");
  known.settled = known.summary.settled() && !match.other_image;
  checked.grounds = known.grounds;
  checked.settled = known.settled;
  CheckEvidence(container, known, options, checked.findings);
}

CheckedContainer CheckContainer(const ManifestContainer& container, const ProfileSet& profiles,
                                const CheckOptions& options) {
  CheckedContainer checked;
  checked.label = LabelOf(container);
  checked.place = container.place;
  checked.findings = container.findings;
  CheckNames(container, checked.findings);
  CheckContradictions(container, checked.findings);
  CheckAgainstProfile(container, profiles, options, checked);
  CheckPodSecurity(container, checked);
  std::ranges::stable_sort(checked.findings, {}, &ManifestFinding::place);
  return checked;
}

}  // namespace

CheckedFile CheckManifest(const std::string& name, const Manifest& manifest,
                          const ProfileSet& profiles, const CheckOptions& options) {
  CheckedFile file;
  file.name = name;
  file.findings = manifest.findings;
  for (const ManifestContainer& container : manifest.containers)
    file.containers.push_back(CheckContainer(container, profiles, options));
  return file;
}

}  // namespace capmon
