// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace capmon {
namespace {

constexpr double kMinute = 60.0 * kSecond;
constexpr char kOthers[] = "";  // the bucket for keys that there is no room for

std::string FindingOf(const Alert& alert) {
  const std::string& workload = alert.workload.empty() ? alert.container.key : alert.workload;
  return fmt::format("{}\n{}\n{}\n{}", alert.rule, workload,
                     alert.has_capability ? alert.capability : kMaxCapabilities, alert.binary);
}

}  // namespace

AlertVolume::AlertVolume(const VolumeLimits& limits) : limits_(limits) {
  total_.tokens = limits.total.burst;
  reserve_.tokens = limits.reserve.burst;
}

void AlertVolume::SetLimits(const VolumeLimits& limits) {
  AlertVolume fresh(limits);
  fresh.held_ = std::move(held_);
  fresh.held_otherwise_ = held_otherwise_;
  fresh.held_back_ = held_back_;
  fresh.held_from_ = held_from_;
  fresh.summarized_ = summarized_;
  *this = std::move(fresh);
}

// A clock that was set back fills nothing.
void AlertVolume::Fill(Bucket& bucket, const AlertRate& rate, TimeNs now) {
  const double elapsed = static_cast<double>(std::max<TimeNs>(now - bucket.filled, 0));
  if (bucket.filled != 0)
    bucket.tokens =
        std::min<double>(rate.burst, bucket.tokens + elapsed / kMinute * rate.per_minute);
  bucket.filled = now;
}

AlertVolume::Bucket& AlertVolume::Find(Buckets& buckets, const std::string& key,
                                       const AlertRate& rate, size_t most, TimeNs now) {
  if (buckets.size() >= most && !buckets.contains(key))
    std::erase_if(buckets, [&](const auto& entry) {
      Bucket filled = entry.second;
      Fill(filled, rate, now);
      return filled.tokens >= rate.burst;  // as good as a new one
    });
  const bool room = buckets.size() < most || buckets.contains(key);
  const auto [bucket, fresh] = buckets.try_emplace(room ? key : kOthers);
  if (fresh) bucket->second.tokens = rate.burst;
  Fill(bucket->second, rate, now);
  return bucket->second;
}

bool AlertVolume::AdmitShared(const Alert& alert, bool quiet, TimeNs now) {
  Bucket& rule = Find(rules_, alert.rule, limits_.rule, kMaxHeld, now);
  Fill(total_, limits_.total, now);
  Fill(reserve_, limits_.reserve, now);
  if (rule.tokens >= 1 && total_.tokens >= 1) {
    rule.tokens -= 1;
    total_.tokens -= 1;
    return true;
  }
  if (!quiet || reserve_.tokens < 1) return false;
  reserve_.tokens -= 1;
  return true;
}

bool AlertVolume::Admit(const Alert& alert, TimeNs now) {
  if (alert.kind == AlertKind::kFeed) return true;
  constexpr double kFew = 3;  // alerts of a container that is quiet otherwise
  Bucket& container =
      Find(containers_, alert.container.key, limits_.container, kMaxContainers, now);
  Bucket* const finding =
      alert.update ? nullptr
                   : &Find(findings_, FindingOf(alert), limits_.finding, kMaxFindings, now);
  const bool quiet = container.tokens + kFew >= limits_.container.burst;
  const bool room = container.tokens >= 1 && (finding == nullptr || finding->tokens >= 1);
  if (!room || !AdmitShared(alert, quiet, now)) {
    if (!alert.update) NoteHeld(alert, now);
    return false;
  }
  container.tokens -= 1;
  if (finding != nullptr) finding->tokens -= 1;
  return true;
}

void AlertVolume::NoteHeld(const Alert& alert, TimeNs now) {
  if (held_.empty() && held_otherwise_ == 0) held_from_ = now;
  ++held_back_;
  const std::pair cause(alert.rule, alert.container.name);
  if (held_.contains(cause) || held_.size() < kMaxHeld)
    ++held_[cause];
  else
    ++held_otherwise_;
}

std::optional<Alert> AlertVolume::Summary(TimeNs now) {
  if (held_.empty() || (now >= summarized_ && now - summarized_ < kSummaryEvery))
    return std::nullopt;
  constexpr size_t kNamed = 5;
  uint64_t total = held_otherwise_;
  std::vector<std::pair<uint64_t, std::string>> causes;
  for (const auto& [cause, count] : held_) {
    total += count;
    causes.emplace_back(count, fmt::format("{} of {} about {}", count, cause.first,
                                           cause.second.empty() ? "capmon" : cause.second));
  }
  std::ranges::stable_sort(causes, std::greater(), [](const auto& cause) { return cause.first; });
  std::string named;
  for (size_t i = 0; i < std::min(causes.size(), kNamed); ++i)
    named += (i == 0 ? "" : ", ") + causes[i].second;
  if (causes.size() > kNamed) named += ", and others";
  Alert alert = MakeFeedAlert(
      "limits", fmt::format("capmond held back {} alerts by its limits: {}", total, named), total,
      now);
  alert.first = held_from_;
  held_.clear();
  held_otherwise_ = 0;
  summarized_ = now;
  return alert;
}

}  // namespace capmon
