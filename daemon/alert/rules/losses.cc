// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/losses.h"

#include <fmt/format.h>

#include "daemon/alert/rules.h"
#include "daemon/model/loss.h"

namespace capmon {

std::optional<Alert> AlertForLoss(const Container& container, const std::string& cause,
                                  uint64_t count, TimeNs now) {
  // A process that left its cgroup has a rule of its own.
  if (KindOfLoss(cause) != LossKind::kEvidence || cause == kLossByLeaving) return std::nullopt;
  Alert alert = AboutContainer(AlertKind::kEvidenceLost, kRuleLost, container, cause, now);
  alert.count = count;
  alert.message = fmt::format("{}: evidence was lost, so a use may have been missed: {}",
                              container.key.empty() ? "all containers" : container.name,
                              FactsOfLoss(cause).meaning);
  return alert;
}

Alert AlertForGap(const Gap& gap) {
  Alert alert = AboutContainer(AlertKind::kEvidenceLost, kRuleLost, Container(), "gap", gap.to);
  alert.first = gap.from;
  alert.message = fmt::format(
      "no checks were counted for {} seconds, so what containers used then is not known: {}",
      (gap.to - gap.from) / kSecond, gap.reason);
  return alert;
}

Alert AlertForHealth(const std::string& reason, TimeNs now) {
  Alert alert = AboutContainer(AlertKind::kHealth, kRuleHealth, Container(), "", now);
  alert.message = fmt::format("capmond does not see what containers do: {}", reason);
  return alert;
}

}  // namespace capmon
