// SPDX-License-Identifier: Apache-2.0
// The monitor's alerts: one per subject, bounded per container and in total.
#include <fmt/format.h>

#include <utility>

#include "daemon/monitor.h"

namespace capmon {
namespace {

// The first one of a series is published at once, later changes at most this often.
constexpr TimeNs kRepublishAfter = 60'000'000'000;

// Alerts of one container that are distinguished; it could create any number of programs.
constexpr size_t kMaxAlertsOfOne = 32;

// Returns the one alert for all further subjects of this kind and capability.
Alert Merged(Alert alert) {
  alert.id = fmt::format("{}:{}:further:{}", Name(alert.kind), CapabilityName(alert.capability),
                         alert.container.key);
  alert.message = fmt::format(
      "{} {} {} in further programs or ways; it has {} alerts already, and further ones are only "
      "counted",
      alert.container.name, alert.granted ? "newly uses" : "was denied",
      CapabilityName(alert.capability), kMaxAlertsOfOne);
  return alert;
}

}  // namespace

void Monitor::Raise(Alert alert) {
  const auto many = alerts_of_.find(alert.container.key);
  if (!alerts_.contains(alert.id) && many != alerts_of_.end() && many->second >= kMaxAlertsOfOne) {
    alert = Merged(std::move(alert));
    ++merged_alerts_;
  }
  const auto known = alerts_.find(alert.id);
  if (known != alerts_.end()) {
    Raised& raised = known->second;
    raised.alert.count += alert.count;
    raised.alert.last = alert.last;
    raised.pending = true;
    return;
  }
  if (alerts_.size() >= options_.max_alerts) {
    const auto oldest = alerts_.find(alert_order_.front());
    const auto of = alerts_of_.find(oldest->second.alert.container.key);
    if (--of->second == 0) alerts_of_.erase(of);
    alerts_.erase(oldest);
    alert_order_.pop_front();
    ++evicted_alerts_;
  }
  alert_order_.push_back(alert.id);
  ++alerts_of_[alert.container.key];
  if (on_alert_) on_alert_(alert);
  const std::string id = alert.id;
  alerts_[id] = Raised{std::move(alert), now_, false};
}

// Publishes alerts that have waited long enough; a time of publishing in the future comes from a
// clock that was set back.
void Monitor::PublishPending() {
  for (auto& [id, raised] : alerts_) {
    const bool too_soon = raised.published > now_ - kRepublishAfter && raised.published <= now_;
    if (raised.pending && !too_soon) Publish(raised);
  }
}

void Monitor::Flush() {
  for (auto& [id, raised] : alerts_)
    if (raised.pending) Publish(raised);
}

void Monitor::Publish(Raised& raised) {
  raised.pending = false;
  raised.published = now_;
  if (on_alert_) on_alert_(raised.alert);
}

std::vector<Alert> Monitor::PastAlerts() const {
  std::vector<Alert> result;
  for (const std::string& id : alert_order_) result.push_back(alerts_.at(id).alert);
  return result;
}

}  // namespace capmon
