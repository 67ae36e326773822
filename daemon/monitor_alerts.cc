// SPDX-License-Identifier: Apache-2.0
// The monitor's alerts: one per subject, bounded per container and in total.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/alert/rules/losses.h"
#include "daemon/alert/rules/posture.h"
#include "daemon/alert/rules/privilege.h"
#include "daemon/alert/rules/user_namespace.h"
#include "daemon/monitor.h"

namespace capmon {
namespace {

// The first one of a series is published at once, later changes at most this often.
constexpr TimeNs kRepublishAfter = 60'000'000'000;

// Alerts of one container that are distinguished, among those of the last hour; it could create any
// number of programs.
constexpr size_t kMaxAlertsOfOne = 32;
constexpr TimeNs kDistinguishFor = 3600 * kSecond;

// How often one container's posture is looked at, and how often each one's is reported.
constexpr TimeNs kLookEvery = 10 * kSecond;
constexpr TimeNs kPostureEvery = 24 * 3600 * kSecond;

// Counts of a series are written this often.
constexpr TimeNs kStoreAfter = 10 * kSecond;

// What a container does before it has a baseline is normal.
void NoteNormal(Profile& profile, const std::optional<std::string>& use) {
  if (use && profile.baseline == 0 && profile.earlier_uses.size() < Profile::kMaxEarlierUses)
    profile.earlier_uses.insert(*use);
}

// Returns the one alert for all further subjects of this kind and capability.
Alert Merged(Alert alert) {
  const std::string what =
      alert.has_capability
          ? fmt::format("{} {} in further programs or ways",
                        alert.granted ? "newly uses" : "was denied",
                        CapabilityName(alert.capability))
          : fmt::format("raises further alerts of {} ({})", alert.rule, alert.rule_name);
  alert.id = fmt::format("{}:{}:further:{}", Name(alert.kind),
                         alert.has_capability ? CapabilityName(alert.capability) : "any",
                         alert.container.key);
  alert.message = fmt::format("{} {}; it has {} alerts already, and further ones are only counted",
                              alert.container.name.empty() ? "capmon" : alert.container.name, what,
                              kMaxAlertsOfOne);
  return alert;
}

}  // namespace

void Monitor::RaiseFor(Profile& profile, const JudgedEvidence& judged, TimeNs time) {
  if (std::optional<Alert> alert = AlertFor(profile, judged, time, sites_)) {
    std::vector<Alert> further = sequences_.On(*alert);
    Raise(*std::move(alert));
    for (Alert& one : further) Raise(std::move(one));
  }
  NoteNormal(profile, UseOfNamespace(judged));
  Raise(AlertForNamespace(profile, judged, time));
}

void Monitor::RaiseFor(Profile& profile, const ProcessExec& exec) {
  if (own_exe_ != 0 && exec.cgroup == own_cgroup_ && exec.exe == own_exe_) return;
  Raise(AlertForGain(profile, exec));
  Raise(AlertForNamespace(profile, exec));
  NoteNormal(profile, UseOfGain(profile, exec));
  NoteNormal(profile, UseOfNamespace(profile, exec));
}

void Monitor::RaiseFor(Profile& profile, const CapabilitiesSet& set) {
  Raise(AlertForRaise(profile, set));
  NoteNormal(profile, UseOfRaise(profile, set));
}

void Monitor::RaisePosture() {
  if (now_ >= looked_ && now_ - looked_ < kLookEvery) return;
  looked_ = now_;
  const std::optional<std::string> next = book_.KeyAfter(looked_at_);
  if (!next) return;
  looked_at_ = *next;
  const Profile& evidence = *book_.Find(*next);
  const Container& container = evidence.container;
  if (container.removed != 0 || container.kind != ContainerKind::kContainer ||
      evidence.folded.instances > 0 || (own_cgroup_ != 0 && container.cgroup == own_cgroup_))
    return;
  const Profile profile = SnapshotOfKey(*next).Joined();
  const Judgement judgement = Judge(profile, sites_, {.stable_after = options_.stable_after});
  std::optional<Alert> alert = AlertForPosture(profile, judgement, now_);
  if (!alert) return;
  const auto before = alerts_.find(alert->id);
  if (before != alerts_.end() && now_ - before->second.alert.last < kPostureEvery) return;
  Raise(std::move(alert));
}

void Monitor::NoteHealth(const std::string& reason) {
  if (unhealthy_.empty() && !reason.empty()) Raise(AlertForHealth(reason, now_));
  unhealthy_ = reason;
}

void Monitor::Raise(std::optional<Alert> alert) {
  if (alert) Raise(*std::move(alert));
}

// Adds what only the monitor knows.
void Monitor::Complete(Alert& alert) const {
  if (alert.container.key.empty()) return;
  if (const auto identity = IdentifyWorkload(alert.container))
    alert.workload = Print(identity->workload);
  const auto approved = approvals_.find(alert.workload);
  if (approved == approvals_.end() || alert.baseline_set == 0) return;
  alert.baseline = "approved";
  alert.baseline_set = approved->second.at;
}

void Monitor::Raise(Alert alert) {
  Complete(alert);
  if (exceptions_.Covers(alert, now_)) return;
  const auto many = alerts_of_.find(alert.container.key);
  if (!alerts_.contains(alert.id) && many != alerts_of_.end() && many->second >= kMaxAlertsOfOne) {
    alert = Merged(std::move(alert));
    ++merged_alerts_;
  }
  const auto known = alerts_.find(alert.id);
  if (known == alerts_.end()) return Store(std::move(alert));
  Alert& series = known->second.alert;
  series.count += alert.count;
  series.last = alert.last;
  // Without a capability it describes a state, which is another one by now.
  if (!series.has_capability) {
    series.message = alert.message;
    series.held = alert.held;
    series.unneeded = alert.unneeded;
  }
  known->second.pending = true;
  const TimeNs noted = known->second.noted;
  if (noted > now_ || now_ - noted >= kStoreAfter) NoteChanged(known->second);
}

void Monitor::Store(Alert alert) {
  if (alerts_.size() >= options_.max_alerts) {
    Forget(std::string(alert_order_.front()));
    alert_order_.pop_front();
    ++evicted_alerts_;
  }
  alert_order_.push_back(alert.id);
  ++alerts_of_[alert.container.key];
  const std::string id = alert.id;
  Publish(alerts_[id] = Raised{std::move(alert), now_, false, 0});
}

void Monitor::NoteChanged(Raised& raised) {
  raised.noted = now_;
  if (options_.track_changes) changed_alerts_.insert(raised.alert.id);
}

// Leaves its place in the order to the caller.
void Monitor::Forget(const std::string& id) {
  const auto found = alerts_.find(id);
  if (found == alerts_.end()) return;
  const auto of = alerts_of_.find(found->second.alert.container.key);
  if (of != alerts_of_.end() && --of->second == 0) alerts_of_.erase(of);
  alerts_.erase(found);
  if (options_.track_changes) changed_alerts_.insert(id);
}

// Once a minute. Also counts anew how many recent alerts each container has.
void Monitor::ForgetOld() {
  if (now_ >= forgotten_at_ && now_ - forgotten_at_ < kRepublishAfter) return;
  forgotten_at_ = now_;
  std::erase_if(alert_order_, [this](const std::string& id) {
    if (now_ - alerts_.at(id).alert.last <= options_.keep_alerts_for) return false;
    Forget(id);
    return true;
  });
  alerts_of_.clear();
  for (const auto& [id, raised] : alerts_)
    if (now_ - raised.alert.first <= kDistinguishFor) ++alerts_of_[raised.alert.container.key];
}

void Monitor::RestoreAlerts(std::vector<Alert> alerts) {
  for (Alert& alert : alerts) {
    if (alerts_.size() >= options_.max_alerts || alerts_.contains(alert.id)) continue;
    alert.update = true;
    alert_order_.push_back(alert.id);
    const std::string id = alert.id;
    const TimeNs last = alert.last;
    alerts_[id] = Raised{std::move(alert), last, false, last};
  }
}

void Monitor::DrainAlerts(MonitorChanges& changes) {
  for (const std::string& id : std::exchange(changed_alerts_, {})) {
    const auto found = alerts_.find(id);
    changes.alerts[id] = found == alerts_.end() ? std::nullopt : std::optional(found->second.alert);
  }
}

void Monitor::NoteDetails(const Alert& detailed) {
  const auto found = alerts_.find(detailed.id);
  if (found == alerts_.end()) return;
  found->second.alert.process = detailed.process;
  found->second.alert.unread = detailed.unread;
  found->second.alert.event_id = detailed.event_id;
  NoteChanged(found->second);
}

// Publishes alerts that have waited long enough; a time of publishing in the future comes from a
// clock that was set back.
void Monitor::PublishPending() {
  for (auto& [id, raised] : alerts_) {
    const bool too_soon = raised.tried > now_ - kRepublishAfter && raised.tried <= now_;
    if (raised.pending && !too_soon) Publish(raised);
  }
}

void Monitor::Flush() {
  for (auto& [id, raised] : alerts_)
    if (raised.pending) Publish(raised);
}

// An update that the limits hold back waits for the next time; a new finding for its next check.
void Monitor::Publish(Raised& raised) {
  raised.tried = now_;
  const bool admitted = volume_.Admit(raised.alert, now_);
  NoteChanged(raised);
  raised.pending = !admitted && raised.alert.update;
  if (!admitted) return;
  if (on_alert_) on_alert_(raised.alert);
  raised.alert.update = true;
}

std::vector<Alert> Monitor::PastAlerts() const {
  std::vector<Alert> result;
  for (const std::string& id : alert_order_) result.push_back(alerts_.at(id).alert);
  return result;
}

}  // namespace capmon
