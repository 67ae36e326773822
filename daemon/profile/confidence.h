// SPDX-License-Identifier: Apache-2.0
// How far a judgement can be trusted: time, starts, losses, blind spots.
#pragma once

#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// The newest evidence of a need, of a kind that was not known before.
struct News {
  TimeNs at = 0;
  std::string what;  // "NET_RAW (inet_create, by ping)"
};
// Takes that evidence if it is newer.
void TakeNews(const JudgedEvidence& judged, const std::string& program, News& news);

// A start was seen, and too little activity since.
bool AwaitsUse(const Profile& profile);

// `known` of `total` workload checks were at catalogued sites. Stable is what had no news for
// `stable_after`, was seen from its start, and was active since.
Confidence ConfidenceIn(const Profile& profile, uint64_t known, uint64_t total, const News& news,
                        TimeNs stable_after);

}  // namespace capmon
