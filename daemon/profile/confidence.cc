// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/confidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/model/loss.h"
#include "daemon/profile/unknowable.h"

namespace capmon {
namespace {

// Of a workload that did much while it started, this much is enough afterwards.
constexpr uint64_t kActive = 10;

std::string Span(TimeNs time) {
  const TimeNs seconds = time / kSecond;
  return seconds % 60 == 0 && seconds > 0 ? fmt::format("{} m", seconds / 60)
                                          : fmt::format("{} s", seconds);
}

TimeNs EndOfLastGap(const Profile& profile) {
  return profile.gaps.empty() ? 0 : profile.gaps.back().to;
}

// Starting is work of its own; whether a workload was put to use shows in what it did afterwards.
bool IsActive(const Profile& profile) {
  const Activity& activity = profile.activity;
  return activity.since != 0 && activity.last > EndOfLastGap(profile) &&
         activity.since >= std::min(kActive, activity.at_start);
}

std::string WhyNotActive(const Profile& profile, TimeNs stable_after) {
  if (IsActive(profile)) return "";
  const Activity& activity = profile.activity;
  const std::string start_up = Span(StartUpTime(stable_after));
  if (activity.since == 0)
    return fmt::format(
        "idle since its start: no check, no exec and no data over TCP after the first {}",
        start_up);
  if (activity.last <= EndOfLastGap(profile)) return "idle since the last gap";
  return fmt::format(
      "hardly used since its start: {} checks, execs and reads over TCP after the first {}",
      activity.since, start_up);
}

std::string WhyNotQuiet(const Profile& profile, TimeNs quiet_since, const News& news,
                        const std::string& quiet) {
  if (profile.container.removed != 0)
    return fmt::format("it ended before {} without anything new had passed", quiet);
  if (news.at == quiet_since && !news.what.empty())
    return fmt::format("something new was seen less than {} ago: {}", quiet, news.what);
  return fmt::format("it started, or something new was seen, less than {} ago", quiet);
}

// Those without which there is no trust; `add` takes a clause each.
template <typename Add>
void NameWhatIsMissing(const Profile& profile, const News& news, TimeNs stable_after, Add add) {
  if (const std::string why = WhyUnknown(profile, stable_after); !why.empty()) add(why);
  const TimeNs quiet_since =
      std::max({profile.last_news, profile.observed_from, EndOfLastGap(profile)});
  if (profile.observed_until - quiet_since < stable_after)
    add(WhyNotQuiet(profile, quiet_since, news, Span(stable_after)));
  const bool is_up = profile.observed_until >= profile.observed_from + StartUpTime(stable_after);
  if (profile.starts > 0 && is_up)
    if (const std::string why = WhyNotActive(profile, stable_after); !why.empty()) add(why);
  for (const auto& [cause, count] : profile.losses)
    if (count > 0 && KindOfLoss(cause) == LossKind::kEvidence && !IsItsOwnLoss(cause))
      add(fmt::format("{} lost on this machine ({}): {}", count, cause,
                      FactsOfLoss(cause).meaning));
}

}  // namespace

bool AwaitsUse(const Profile& profile) { return profile.starts > 0 && !IsActive(profile); }

void TakeNews(const JudgedEvidence& judged, const std::string& program, News& news) {
  const CheckEvidence& evidence = judged.evidence;
  if (TraitsOf(judged.verdict).without_need || evidence.first <= news.at) return;
  news.at = evidence.first;
  news.what = ShortCapabilityName(evidence.key.capability);
  const std::string by = program.empty() ? evidence.comm : program;
  const std::string site =
      evidence.key.site + (by.empty() || evidence.key.site.empty() ? "" : ", ");
  if (!site.empty() || !by.empty())
    news.what += fmt::format(" ({}{}{})", site, by.empty() ? "" : "by ", by);
}

Confidence ConfidenceIn(const Profile& profile, uint64_t known, uint64_t total, const News& news,
                        TimeNs stable_after) {
  Confidence confidence;
  NameWhatIsMissing(profile, news, stable_after,
                    [&](std::string why) { confidence.open_conditions.push_back(std::move(why)); });
  confidence.state = confidence.open_conditions.empty() ? "stable" : "learning";
  for (const Gap& gap : profile.gaps)
    confidence.open_conditions.push_back(fmt::format(
        "not watched from {} to {}: {}", ClockTime(gap.from), ClockTime(gap.to), gap.reason));
  if (profile.starts == 1) confidence.open_conditions.emplace_back("only 1 start was seen");
  confidence.observed_seconds =
      std::max<TimeNs>(0, profile.observed_until - profile.observed_from) / kSecond;
  confidence.starts = profile.starts;
  confidence.lost = profile.evidence_dropped + LossesOfKind(profile.losses, LossKind::kEvidence);
  confidence.losses = profile.losses;
  if (total > 0) confidence.known_sites = static_cast<double>(known) / static_cast<double>(total);
  confidence.backend = profile.backend;
  confidence.blind_spots = profile.blind_spots;
  confidence.gaps = profile.gaps;
  return confidence;
}

}  // namespace capmon
