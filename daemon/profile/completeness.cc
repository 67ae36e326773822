// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/completeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/new_files.h"
#include "daemon/profile/unknowable.h"

namespace capmon {
namespace {

constexpr char kStable[] = "stable";
constexpr char kComplete[] = "complete";

std::string Counted(uint64_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// Instances of which a start was seen. A container that was stopped and started again is one.
uint64_t Started(std::span<const Profile> profiles) {
  uint64_t started = 0;
  std::set<std::string> restarted;
  for (const Profile& profile : profiles) {
    const Container& container = profile.container;
    if (profile.folded.instances > 0)
      started += std::min(profile.starts, profile.folded.instances);
    else if (profile.starts > 0)
      started += KeepsFiles(container) && !restarted.insert(container.id).second ? 0 : 1;
  }
  return started;
}

// A unit has one instance, however often it starts.
uint64_t InstancesToSee(std::span<const Profile> profiles, const CompleteWhen& when) {
  const bool containers = std::ranges::any_of(profiles, [](const Profile& profile) {
    return profile.container.kind != ContainerKind::kUnit;
  });
  return containers ? when.instances : std::min<uint64_t>(when.instances, 1);
}

// Returns whether a need of the start-up was a need again later, as after a reload. Only where all
// evidence is of one start: of several, the later use may be that of the next start.
bool RepeatsItsStart(const Profile& profile, const CallSites& sites, TimeNs stable_after) {
  if (profile.starts != 1 || profile.folded.instances > 0) return false;
  const TimeNs up = profile.observed_from + StartUpTime(stable_after);
  return std::ranges::any_of(profile.checks, [&](const auto& check) {
    const auto& [key, evidence] = check;
    return key.granted && evidence.first < up && evidence.last >= up &&
           IsWorkload(profile.container, key.exe_origin) &&
           TraitsOf(JudgeEvidence(profile, sites, evidence).verdict).is_need;
  });
}

std::string AboutReloads(std::span<const Profile> profiles, const CallSites& sites,
                         TimeNs stable_after) {
  const bool repeats = std::ranges::any_of(profiles, [&](const Profile& profile) {
    return RepeatsItsStart(profile, sites, stable_after);
  });
  return repeats ? "cannot be seen as such; what it needed at its start was used again later"
                 : "cannot be seen as such, and nothing that it needed at its start was used again "
                   "later; if it can reload its configuration, reload it once";
}

}  // namespace

void AssessCompleteness(std::span<const Profile> profiles, const CallSites& sites,
                        const JudgeOptions& options, Judgement& judgement) {
  Confidence& confidence = judgement.confidence;
  const CompleteWhen& when = options.complete;
  std::vector<std::string>& missing = confidence.to_complete;
  const uint64_t instances = InstancesToSee(profiles, when);
  if (confidence.starts < when.starts)
    missing.push_back(
        fmt::format("seen {} of {}", Counted(confidence.starts, "start"), when.starts));
  if (Started(profiles) < instances)
    missing.push_back(
        fmt::format("seen starts of {} of {}", Counted(Started(profiles), "instance"), instances));
  if (std::ranges::none_of(profiles, [](const Profile& profile) { return profile.shutdowns > 0; }))
    missing.emplace_back("no shutdown seen yet");
  if (confidence.known_sites < when.known_sites)
    missing.push_back(fmt::format("{:.0f} % of its checks were at known call sites, of {:.0f} %",
                                  std::floor(confidence.known_sites * 100),
                                  when.known_sites * 100));
  confidence.reload = AboutReloads(profiles, sites, options.stable_after);
  if (confidence.state == kStable && missing.empty()) confidence.state = kComplete;
}

CapabilitySet NeededBy(const Judgement& judgement) {
  CapabilitySet needed = judgement.recommendation.keep;
  for (const CapabilityVerdict& row : judgement.capabilities)
    if (row.verdict == Verdict::kMissing) needed.Add(row.capability);
  return needed;
}

namespace {

// An approval is of one image. Of a container whose image is not known it is of that container
// alone, which keeps its image for life; units and sessions have none.
std::string WhyNotOfThese(const ApprovedNeeds& approved, const std::string& digest,
                          std::span<const Profile> instances) {
  if (approved.digest.empty() && !digest.empty())
    return ", when its image was not known; approve it again";
  if (approved.digest != digest) return ", but for another image";
  const bool newer = std::ranges::any_of(instances, [&](const Profile& instance) {
    const Container& container = instance.container;
    return container.kind == ContainerKind::kContainer && container.image_digest.empty() &&
           container.first_seen > approved.at;
  });
  return newer ? ", and an instance was started since of which the image is not known" : "";
}

std::string WhyNotComplete(const ApprovedNeeds& approved, const Judgement& judgement) {
  if (!approved.needed)
    return " by a capmond that did not store what was needed then; approve it again";
  const CapabilitySet added = NeededBy(judgement) - *approved.needed;
  if (!added.empty()) return ", and needs " + JoinNames(added.members(), ", ") + " since";
  if (!judgement.recommendation.unknown.empty())
    return ", but for some capabilities it is unknown whether it needs them";
  const Confidence& confidence = judgement.confidence;
  if (confidence.lost > 0) return ", but checks were lost";
  if (std::ranges::any_of(confidence.gaps, [&](const Gap& gap) { return gap.to > approved.at; }))
    return ", and was not watched all the time since";
  return "";
}

}  // namespace

void ApplyApproval(const ApprovedNeeds& approved, const std::string& digest,
                   std::span<const Profile> instances, const Judgement& judgement,
                   Confidence& confidence) {
  std::string why = WhyNotOfThese(approved, digest, instances);
  if (why.empty()) why = WhyNotComplete(approved, judgement);
  if (!why.empty()) {
    confidence.to_complete.insert(
        confidence.to_complete.begin(),
        fmt::format("approved by {} at {}{}", approved.by, ClockTime(approved.at), why));
    return;
  }
  confidence.state = kComplete;
  confidence.to_complete.clear();
  confidence.approved_by = approved.by;
  confidence.approved_at = approved.at;
}

}  // namespace capmon
