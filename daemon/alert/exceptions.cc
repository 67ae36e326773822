// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/exceptions.h"

#include <algorithm>
#include <utility>

#include "daemon/alert/pattern.h"

namespace capmon {
namespace {

bool Fits(const std::string& pattern, const std::string& text) {
  return pattern.empty() || FitsPattern(pattern, text);
}

}  // namespace

bool Covers(const AlertException& exception, const Alert& alert, TimeNs now) {
  if (alert.kind == AlertKind::kFeed || (exception.expires != 0 && now >= exception.expires))
    return false;
  if (!exception.rule.empty() && exception.rule != alert.rule) return false;
  if (exception.capability && (!alert.has_capability || *exception.capability != alert.capability))
    return false;
  return Fits(exception.workload, alert.workload) && Fits(exception.binary, alert.binary);
}

void AlertExceptions::Set(const std::vector<AlertException>& exceptions) {
  std::vector<Counted> fresh;
  for (const AlertException& exception : exceptions) {
    if (fresh.size() >= kMax) break;
    const auto known = std::ranges::find(all_, exception,
                                         [](const Counted& counted) { return counted.exception; });
    fresh.push_back(known == all_.end() ? Counted{exception, 0, 0} : *known);
  }
  all_ = std::move(fresh);
}

bool AlertExceptions::Covers(const Alert& alert, TimeNs now) {
  for (Counted& counted : all_) {
    if (!capmon::Covers(counted.exception, alert, now)) continue;
    counted.checks += alert.count;
    counted.last = now;
    return true;
  }
  return false;
}

}  // namespace capmon
