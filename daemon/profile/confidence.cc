// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/confidence.h"

#include <algorithm>

#include "daemon/model/loss.h"

namespace capmon {
namespace {

constexpr TimeNs kSecond = 1'000'000'000;
constexpr TimeNs kQuietWhenStable = 600 * kSecond;

}  // namespace

Confidence ConfidenceIn(const Profile& profile, uint64_t known, uint64_t total) {
  Confidence confidence;
  TimeNs quiet_since = std::max(profile.last_news, profile.observed_from);
  if (!profile.gaps.empty()) quiet_since = std::max(quiet_since, profile.gaps.back().to);
  const bool stable =
      profile.starts > 0 && profile.observed_until - quiet_since >= kQuietWhenStable;
  confidence.state = stable ? "stable" : "learning";
  confidence.observed_seconds =
      std::max<TimeNs>(0, profile.observed_until - profile.observed_from) / kSecond;
  confidence.starts = profile.starts;
  confidence.lost = profile.evidence_dropped + LossesOfKind(profile.losses, LossKind::kEvidence);
  if (total > 0) confidence.known_sites = static_cast<double>(known) / static_cast<double>(total);
  confidence.backend = profile.backend;
  confidence.blind_spots = profile.blind_spots;
  confidence.gaps = profile.gaps;
  return confidence;
}

}  // namespace capmon
