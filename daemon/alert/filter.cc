// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/filter.h"

#include <algorithm>

#include "daemon/alert/pattern.h"

namespace capmon {
namespace {

// "deploy/web" of "shop/deploy/web/nginx"; "web" of "docker:web".
bool HasParts(std::string workload, const std::string& parts) {
  std::ranges::replace(workload, ':', '/');
  std::string wanted = "/" + parts + "/";
  std::ranges::replace(wanted, ':', '/');
  return ("/" + workload + "/").find(wanted) != std::string::npos;
}

bool IsWorkload(const Alert& alert, const std::string& wanted) {
  return FitsPattern(wanted, alert.workload) || HasParts(alert.workload, wanted);
}

bool IsContainer(const Alert& alert, const std::string& wanted) {
  const Container& container = alert.container;
  return container.name == wanted || container.key == wanted || container.id.starts_with(wanted);
}

}  // namespace

bool AlertFilter::Fits(const Alert& alert) const {
  return alert.last >= since && alert.severity >= at_least &&
         (rule.empty() || alert.rule == rule) &&
         (workload.empty() || IsWorkload(alert, workload)) &&
         (container.empty() || IsContainer(alert, container));
}

std::vector<Alert> Select(const AlertFilter& filter, const std::vector<Alert>& alerts) {
  std::vector<Alert> fitting;
  std::ranges::copy_if(alerts, std::back_inserter(fitting),
                       [&](const Alert& alert) { return filter.Fits(alert); });
  std::ranges::stable_sort(fitting, {}, &Alert::last);
  return fitting;
}

}  // namespace capmon
