// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/rules/sequences.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/alert/rules.h"
#include "daemon/alert/rules/escape.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

// Also after the clock was set back.
bool IsWithin(TimeNs earlier, TimeNs now, TimeNs window) {
  return earlier <= now && now - earlier <= window;
}

template <typename Subject>
void ForgetOlder(std::map<Subject, TimeNs>& seen, TimeNs now, TimeNs window) {
  std::erase_if(seen, [&](const auto& entry) { return !IsWithin(entry.second, now, window); });
}

// The newest check of the series describes it.
Alert After(const Alert& alert, AlertKind kind, const char* rule) {
  Alert further = AboutContainer(kind, rule, alert.container, "", alert.last);
  further.count = alert.count;
  further.granted = alert.granted;
  further.baseline = alert.baseline;
  further.baseline_set = alert.baseline_set;
  further.site = alert.site;
  further.syscall = alert.syscall;
  further.binary = alert.binary;
  further.pid = alert.pid;
  further.process.name = alert.process.name;
  return further;
}

}  // namespace

AlertSequences::State& AlertSequences::StateOf(const std::string& key) {
  const auto [state, fresh] = states_.try_emplace(key);
  if (!fresh) return state->second;
  order_.push_back(key);
  if (order_.size() > kMaxContainers) {
    states_.erase(order_.front());
    order_.pop_front();
  }
  return states_.at(key);
}

void AlertSequences::NoteBurst(State& state, const Alert& alert, std::vector<Alert>& further) {
  if (!IsWithin(state.burst_from, alert.last, kBurstWithin)) {
    state.burst_from = alert.last;
    state.burst = 0;
  }
  const bool begun = state.burst >= kBurst;
  state.burst += alert.count;
  if (state.burst < kBurst) return;
  Alert burst = After(alert, AlertKind::kDeniedBurst, kRuleDeniedBurst);
  if (!begun) burst.count = state.burst;
  burst.message = fmt::format("{} was denied capabilities {} times within {} seconds, last {}",
                              alert.container.name, state.burst, kBurstWithin / kSecond,
                              CapabilityName(alert.capability));
  further.push_back(std::move(burst));
}

void AlertSequences::NoteScan(State& state, const Alert& alert, std::vector<Alert>& further) {
  ForgetOlder(state.denied, alert.last, kScanWithin);
  const bool fresh = state.denied.insert_or_assign(alert.capability, alert.last).second;
  if (!fresh || state.denied.size() < kScan) return;
  CapabilitySet set;
  for (const auto& [capability, time] : state.denied) set.Add(capability);
  Alert scan = After(alert, AlertKind::kDeniedScan, kRuleDeniedScan);
  scan.count = state.denied.size() == kScan ? kScan : 1;
  scan.message = fmt::format("{} was denied {} different capabilities within an hour: {}",
                             alert.container.name, set.size(), JoinNames(ByWeight(set), " and "));
  further.push_back(std::move(scan));
}

void AlertSequences::NoteEscape(State& state, const Alert& alert, std::vector<Alert>& further) {
  ForgetOlder(state.escapes, alert.last, kEscapeWithin);
  const bool fresh = state.escapes.insert_or_assign(alert.rule, alert.last).second;
  if (!fresh || state.escapes.size() < kEscapes) return;
  std::string ways;
  for (const auto& [rule, time] : state.escapes) {
    const AlertRule* const known = FindAlertRule(rule);
    if (known == nullptr) continue;
    ways += fmt::format("{}{} ({})", ways.empty() ? "" : ", ", known->name, known->id);
  }
  Alert several = After(alert, AlertKind::kEscape, kRuleSequence);
  several.count = state.escapes.size() == kEscapes ? kEscapes : 1;
  several.message =
      fmt::format("{} tried {} ways out of its container within {} minutes: {}",
                  alert.container.name, state.escapes.size(), kEscapeWithin / kSecond / 60, ways);
  further.push_back(std::move(several));
}

std::vector<Alert> AlertSequences::On(const Alert& alert) {
  std::vector<Alert> further;
  if (!alert.has_capability || alert.container.kind == ContainerKind::kHost) return further;
  const bool escape = IsEscapeRule(alert.rule);
  if (alert.granted && !escape) return further;
  State& state = StateOf(alert.container.key);
  if (!alert.granted) {
    NoteBurst(state, alert, further);
    NoteScan(state, alert, further);
  }
  if (escape) NoteEscape(state, alert, further);
  return further;
}

}  // namespace capmon
