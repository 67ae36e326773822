// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/posture.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/alert/rules.h"
#include "daemon/alert/rules/severity.h"
#include "daemon/model/capability_facts.h"

namespace capmon {

std::optional<Alert> AlertForPosture(const Profile& profile, const Judgement& judgement,
                                     TimeNs now) {
  const CapabilitySet unneeded = judgement.recommendation.remove;
  if (judgement.confidence.state == "learning" || unneeded.empty()) return std::nullopt;
  Alert alert = AboutContainer(AlertKind::kPosture, kRulePosture, profile.container, "", now);
  // It may be abused, and is not: less than a use.
  alert.severity = std::min(Lower(SeverityOf(unneeded)), Severity::kMedium);
  alert.held = unneeded;
  if (profile.held) alert.held = alert.held | profile.held->bounding;
  alert.unneeded = unneeded;
  alert.message = fmt::format(
      "{} holds {} {} that it was not seen to need, the most dangerous first: {}",
      profile.container.name, unneeded.size(), unneeded.size() == 1 ? "capability" : "capabilities",
      JoinNames(ByWeight(unneeded), " and "));
  return alert;
}

}  // namespace capmon
